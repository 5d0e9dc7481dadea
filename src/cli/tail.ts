import type { Command } from 'commander'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LiveView, OpenRequest } from '../telemetry/live-requests.ts'
import { prettyLine } from '../telemetry/pretty-line.ts'
import { adminClient } from './admin-client.ts'
import type { AdminClient } from './admin-client.ts'
import { CommandError } from './command-error.ts'
import { printable } from './table.ts'

const path = '/v1/tollgate/requests'
/** Between two tries, ms. */
const pause = 1_000
/** Characters of a model's name that are shown: a caller chose it. */
const modelWidth = 40

/** `tollgate tail`: requests as they end, and what is in flight. */
export function addTail (program: Command): void {
  program.command('tail')
    .description('follow the requests of a running gateway: in flight, finished, and refused with the reason')
    .option('--json', 'a line of JSON each (without a terminal always)')
    .action(tail)
}

async function tail ({ json = false }: { readonly json?: boolean }): Promise<void> {
  // `tollgate tail | head`
  process.stdout.once('error', () => process.exit(0))
  await follow(adminClient(), json || !process.stdout.isTTY ? jsonShower() : showOnTerminal)
}

type Show = (view: LiveView) => void

/** For ever: a gateway that goes may come again. One that was never there is an error. */
async function follow (client: AdminClient, show: Show): Promise<never> {
  let last = ''
  for (;;) {
    try {
      for await (const { id, data } of client.events(path, last)) {
        last = id
        show(JSON.parse(data) as LiveView)
      }
    } catch (error) {
      if (last === '' || !(error instanceof CommandError)) throw error
    }
    process.stderr.write('the gateway has gone; trying again\n')
    await sleep(pause)
  }
}

/** Each request when it is first seen in flight, and when it has ended. */
function jsonShower (): Show {
  let seen = new Set<string>()
  return ({ open, ended }) => {
    for (const request of open) if (!seen.has(request.request_id)) printLine({ event: 'open', ...request })
    for (const request of ended) printLine({ event: 'ended', ...request })
    seen = new Set(open.map(request => request.request_id))
  }
}

function printLine (value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

/** A line for each that has ended, and below them one that is written over and over: what is in flight. */
function showOnTerminal ({ in_flight: inFlight, open, ended }: LiveView): void {
  const lines = ended.map(({ at, ...request }) => prettyLine(JSON.stringify({ ...request, time: at, msg: 'request' })))
  process.stdout.write(`\u001b[2K\r${lines.join('')}${inFlightLine(inFlight, open[0])}`)
}

function inFlightLine (count: number, oldest: OpenRequest | undefined): string {
  if (oldest === undefined) return `${count} in flight`
  const { project, model, age_ms: age, bytes } = oldest
  return `${count} in flight, the oldest for ${(age / 1000).toFixed(1)}s: ${project ?? '-'} ${printable(model ?? '-').slice(0, modelWidth)}, ${bytes} bytes so far`
}
