/**
 * Loaded into a gateway before its own code (`node --import`): leaves admission and settlement out, and nothing else. The link `limits`
 * is replaced by one that lets everyone in without a reservation, so that the link `meter` has nothing to settle.
 */
import { registerHooks } from 'node:module'

const limits = /^\.\.\/plugins\/limits\.[jt]s$/
const replacement = new URL('no-limits.ts', import.meta.url).href

registerHooks({
  resolve: (specifier, context, next) => limits.test(specifier) ? { url: replacement, shortCircuit: true } : next(specifier, context)
})
