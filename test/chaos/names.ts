/** The ledger's rid behind an `x-request-id`: the same 32 hex digits. */
export function ridOfRequestId (requestId: string): string {
  return requestId.replace(/^req_(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
