/** An offering with a merge patch applied: pure, and the one rule for edits and for proposals of edits. */
import mergePatch from 'json-merge-patch'
import { parseInput } from '../../platform/parse-input.ts'
import { EditableOffering, type ReviseOffering } from './schemas.ts'

const FIELDS = Object.keys(EditableOffering.shape)

/**
 * @param offering with every editable field as it is.
 * @throws Refusal `invalid_input` where the offering would not be whole and valid afterwards.
 */
export function mergeRevision(offering: Record<string, unknown>, patch: ReviseOffering): EditableOffering {
  const current = Object.fromEntries(FIELDS.map((field) => [field, offering[field]]))
  // A rule is one statement: merged into another, it would say neither.
  if ('eligibility' in patch) current.eligibility = null
  // What was free is not free any more at a price, and need not be told so.
  if (current.priceType === 'free' && patch.price && !patch.priceType) current.priceType = undefined
  return parseInput(EditableOffering, mergePatch.apply(current, patch))
}
