import { readFileSync } from 'node:fs'

/**
 * Returns what to call at the end: of the time in which there was something to do on a core, the share that the host gave to other
 * machines. Of all cores, by /proc/stat (proc(5)).
 */
export function countSteal (): () => number {
  const [busyBefore, stolenBefore] = times()
  return () => {
    const [busyNow, stolenNow] = times()
    const [busy, stolen] = [busyNow - busyBefore, stolenNow - stolenBefore]
    return busy + stolen === 0 ? 0 : stolen / (busy + stolen)
  }
}

function times (): [busy: number, stolen: number] {
  const [, user = 0, nice = 0, system = 0, , , interrupt = 0, softInterrupt = 0, stolen = 0] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.split(/ +/).map(Number) ?? []
  return [user + nice + system + interrupt + softInterrupt, stolen]
}
