import { test } from 'tap'
import { printCsv, printTable } from '../../src/cli/table.ts'

test('columns are as wide as needed, numbers to the right', t => {
  t.equal(printTable([{ name: 'a', count: 1 }, { name: 'long', count: 100 }, { name: null, count: 0 }]), 'NAME  COUNT\na         1\nlong    100\n-         0\n')
  t.equal(printTable([]), 'nothing\n')
  t.end()
})

test('no name moves the cursor', t => {
  t.equal(printTable([{ name: 'a\u001b[2J\nb' }]), 'NAME\na?[2J?b\n')
  t.end()
})

test('CSV quotes what has to be, and formulas are text', t => {
  t.equal(printCsv([{ name: 'a,"b"', sum: '=1+1', none: null }]), 'name,sum,none\r\n"a,""b""",\'=1+1,\r\n')
  t.end()
})
