/** Money is counted in integer nano-USD, exact up to $9 million; OpenAI's admin API speaks of whole US cents. */
export const nanoUsdPerUsd = 1e9
const nanoUsdPerCent = 1e7

/** The nearest nano-USD. */
export function nanoUsdOf (usd: number): number {
  return Math.round(usd * nanoUsdPerUsd)
}

export function usdOf (nanoUsd: number): number {
  return nanoUsd / nanoUsdPerUsd
}

export function nanoUsdOfCents (cents: number): number {
  return cents * nanoUsdPerCent
}

/** Rounded: the configuration file may set fractions of a cent. */
export function centsOf (nanoUsd: number): number {
  return Math.round(nanoUsd / nanoUsdPerCent)
}
