import t from 'tap'
import { reservationOfRow } from '../../src/metering/reservation.ts'
import { aRule } from '../helpers/metering.ts'
import { newRequest, reservationOf, resilientScene } from './resilient-scene.ts'

const rules = [aRule({ metric: 'spend_per_month', limit: 5000 }), aRule({ metric: 'concurrency', limit: 5 })]

t.test('money and place of a request return also when it is ended by someone who knows only its row, as a spool does', async t => {
  const { ledger } = await resilientScene(t)
  await ledger.ready()
  const request = newRequest({ rules })
  const { rid, projectId, keyId, model, endpoint, period } = reservationOf(await ledger.admit(request))
  await ledger.void(reservationOfRow(projectId, { rid, keyId, model, endpoint, period }), 'metering_unavailable')
  t.match(await ledger.limits(projectId, keyId, rules), [{ remaining: 5000 }, { remaining: 5 }])
})
