import type { Test } from 'tap'
import { declaredContract } from './directory-contract/declared.ts'
import type { OpenEmpty } from './directory-contract/fixture.ts'
import { keysContract } from './directory-contract/keys.ts'
import { projectsContract } from './directory-contract/projects.ts'
import { recordsContract } from './directory-contract/records.ts'

/** What a directory promises, wherever it lives. */
export function directoryContract (t: Test, openEmpty: OpenEmpty): void {
  projectsContract(t, openEmpty)
  keysContract(t, openEmpty)
  declaredContract(t, openEmpty)
  recordsContract(t, openEmpty)
}
