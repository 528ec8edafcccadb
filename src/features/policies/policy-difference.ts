/** What one policy document changes in another, figure by figure, in words. Pure. */
import { figureWords, floorSentence, ORDER_SENTENCES, TIER_WORDS } from './difference-words.ts'
import { DEFAULT_COOL_OFF_DAYS, type PolicyDocument, Tier } from './schemas.ts'

export type Figure = number | string | boolean

/** One figure that differs. */
export interface Difference {
  /** JSON pointer into the document; tiers and floors by name, because they have no order. */
  path: string
  before: Figure
  after: Figure
  sentence: string
}

/** What a document says that leaves it out. */
const MISSING: Record<string, Figure> = {
  '/order': 'weighted',
  '/urgency/priority/urgent': 0,
  '/urgency/priority/high': 0,
  '/urgency/priority/medium': 0,
  '/suitability/caregiverGender': 0,
  '/suitability/sector': 0,
  '/suitability/continuity': 0,
  '/coolOffDays': DEFAULT_COOL_OFF_DAYS,
}

/**
 * Everything in which `after` differs from `before`, whichever way the two are written down.
 *
 * @param areaNames names of the areas that floors speak of, by id; one without is called by its id.
 */
export function differenceBetween(
  before: PolicyDocument,
  after: PolicyDocument,
  areaNames: ReadonlyMap<string, string> = new Map(),
): Difference[] {
  const [old, young] = [figuresOf(before), figuresOf(after)]
  const paths = new Set([...Object.keys(old), ...Object.keys(young)])
  return [...paths].flatMap((path) => {
    // Only a floor can be in one document alone; where there is none, nothing is promised.
    const change = { before: old[path] ?? 0, after: young[path] ?? 0 }
    if (change.before === change.after) return []
    return [{ path, ...change, sentence: sentenceOf(path, change, areaNames) }]
  })
}

/** Every figure of a document by its path, those that it leaves out included. */
export function figuresOf({ bookableTiers, floors = [], ...rest }: PolicyDocument): Record<string, Figure> {
  return {
    ...MISSING,
    ...Object.fromEntries(leavesOf(rest, '')),
    ...Object.fromEntries(
      Tier.options.map((tier) => [`/bookableTiers/${tier}`, bookableTiers.includes(tier)]),
    ),
    ...Object.fromEntries(floors.map(({ group, share }) => [`/floors/${group.by}/${group.value}`, share])),
  }
}

function leavesOf(part: object, at: string): [string, Figure][] {
  return Object.entries(part)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) =>
      typeof value === 'object' ? leavesOf(value, `${at}/${name}`) : [[`${at}/${name}`, value]],
    )
}

function sentenceOf(
  path: string,
  { before, after }: { before: Figure; after: Figure },
  areaNames: ReadonlyMap<string, string>,
): string {
  const [, part, name, value] = path.split('/')
  if (part === 'order') return ORDER_SENTENCES[after as keyof typeof ORDER_SENTENCES]
  if (part === 'bookableTiers') {
    return `Residents may ${after ? 'now' : 'no longer'} book ${TIER_WORDS[name as Tier]} needs themselves.`
  }
  if (part === 'floors') {
    const group = { by: name!, value: areaNames.get(value!) ?? value! }
    return floorSentence(group, Number(before), Number(after))
  }
  const [what, one, many] = figureWords(path)
  const unit = after === 1 ? one : many
  return `${what} ${after > before ? 'rises' : 'falls'} from ${before} to ${after}${unit && ` ${unit}`}.`
}
