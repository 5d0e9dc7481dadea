import type { WireCase } from '../wire-case.ts'
import { bodyCases } from './body.ts'
import { framingCases } from './framing.ts'
import { headCases } from './head.ts'
import { keyCases } from './key.ts'
import { mediaCases } from './media.ts'
import { methodCases } from './method.ts'
import { parameterCases } from './parameter.ts'
import { targetCases } from './target.ts'

/** Every table of bad input, by topic. */
export const allCases: Readonly<Record<string, readonly WireCase[]>> = {
  framing: framingCases,
  heads: headCases,
  keys: keyCases,
  targets: targetCases,
  methods: methodCases,
  bodies: bodyCases,
  parameters: parameterCases,
  media: mediaCases
}
