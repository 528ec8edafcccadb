/** What the staging table is called and what COPY writes into it: plain facts, for both sides of the thread. */
import { LINK_NAMES } from '../directory/record.ts'

/** All columns but `refusal`, which stays null. */
export const STAGED_COLUMNS = [
  'ordinal',
  'kind',
  'id',
  ...LINK_NAMES,
  'fields',
  'digest',
  'file',
  'line',
  'is_row',
  'is_repeat',
  'is_united',
] as const

export const FLAW_COLUMNS = [
  'import_id',
  'ordinal',
  'file',
  'line',
  'field',
  'reason',
  'value',
  'outcome',
] as const

/** The import's own table. @param importId a uuid: nothing else may come into the name. */
export function stagingTableOf(importId: string): string {
  return `staged_${importId.replaceAll('-', '')}`
}
