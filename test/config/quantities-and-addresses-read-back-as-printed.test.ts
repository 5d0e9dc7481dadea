import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { test } from 'tap'
import { printAddress, printDuration, printSize, readAddress, readDuration, readSize } from '../../src/config/notation.ts'

test('every whole number of milliseconds and bytes', (t) => {
  fc.assert(fc.property(fc.nat(2 ** 49), (amount) => readDuration(printDuration(amount)) === amount && readSize(printSize(amount)) === amount))
  t.end()
})

test('every address', (t) => {
  const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain(), fc.constant('localhost'))
  fc.assert(fc.property(fc.record({ host, port: fc.nat(65535) }), (address) => isDeepStrictEqual(readAddress(printAddress(address)), { ...address })))
  t.end()
})

test('each unit', (t) => {
  const milliseconds = { '250ms': 250, '5s': 5000, '15m': 900_000, '24h': 86_400_000, '2d': 172_800_000, '0s': 0, '5 s': 5000 }
  for (const [written, kept] of Object.entries(milliseconds)) t.equal(readDuration(written), kept, written)
  const bytes = { '1B': 1, '1KB': 1000, '1MB': 1e6, '1GB': 1e9, '1KiB': 1024, '20MiB': 20_971_520, '1GiB': 2 ** 30 }
  for (const [written, kept] of Object.entries(bytes)) t.equal(readSize(written), kept, written)
  t.end()
})

test('the shortest way is printed', (t) => {
  t.equal(printDuration(90_000), '90s')
  t.equal(printDuration(86_400_000), '1d')
  t.equal(printDuration(0), '0ms')
  t.equal(printSize(20_971_520), '20MiB')
  t.equal(printSize(1_000_000), '1MB')
  t.equal(printSize(1025), '1025B')
  t.end()
})
