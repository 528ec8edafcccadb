/** The words in which the difference between two policies is said. */
import type { PolicyDocument, Tier } from './schemas.ts'

export const TIER_WORDS: Record<Tier, string> = {
  basic: 'guaranteed (basic)',
  inclusive: 'affordable (inclusive)',
  personalized: 'individual (personalized)',
}

export const ORDER_SENTENCES: Record<NonNullable<PolicyDocument['order']>, string> = {
  weighted: 'The tiers compete together, by their weights, and no longer one after the other.',
  by_tier: 'The tiers are served one after the other, and no longer compete by their weights.',
}

/** What a figure is, and its unit for one and for more. */
type Words = readonly [what: string, one: string, many: string]

const points = (what: string): Words => [what, 'point', 'points']
const percent = (what: string): Words => [what, 'percent', 'percent']
const minutes = (what: string): Words => [what, 'minute', 'minutes']
const speed = (who: string): Words => [
  `The speed reckoned with for ${who}`,
  'meter a second',
  'meters a second',
]
const days = (what: string): Words => [what, 'day', 'days']

/** Figure by figure; a floor, a tier and the order have sentences of their own. */
const FIGURES: Record<string, Words> = {
  '/tierWeights/basic': ['The weight of a guaranteed (basic) need', '', ''],
  '/tierWeights/inclusive': ['The weight of an affordable (inclusive) need', '', ''],
  '/tierWeights/personalized': ['The weight of an individual (personalized) need', '', ''],
  '/urgency/waitingPerWeek': percent('What every week of waiting adds'),
  '/urgency/waitingCap': percent('The most that waiting adds'),
  '/urgency/perCareLevel': percent('What every level of care adds'),
  '/urgency/priority/urgent': percent('What being urgent adds to a need'),
  '/urgency/priority/high': percent('What high priority adds to a need'),
  '/urgency/priority/medium': percent('What medium priority adds to a need'),
  '/suitability/base': points('What being served at all is worth'),
  '/suitability/walking': points('What the shortest walk adds'),
  '/suitability/tierFit': points('What a service of the level that is needed adds'),
  '/suitability/language': points('What staff who speak the resident’s language add'),
  '/suitability/affordability': points('What a service that costs the resident nothing adds'),
  '/suitability/caregiverGender': points('What staff of the preferred gender add'),
  '/suitability/sector': points('What a provider of the preferred sector adds'),
  '/suitability/continuity': points('What staying with the provider of last time adds'),
  '/reach/onsiteMinutes': minutes('The longest walk to a service'),
  '/reach/homeMinutes': minutes('The longest walk of staff to a home'),
  '/reach/metersPerSecond/independent': speed('those who walk well'),
  '/reach/metersPerSecond/slow': speed('those who walk slowly'),
  '/reach/metersPerSecond/homebound': speed('those who hardly leave home'),
  '/reach/detourFactor': ['The factor by which ways are reckoned longer than the straight line', '', ''],
  '/optionsPerNeed': ['The number of options weighed for every need', '', ''],
  '/decisionDays': days('The time to answer a referral'),
  '/coolOffDays': days('The time for which what was turned down is not proposed again'),
}

/** The words of a figure. That every one has some is a test's to say. */
export function figureWords(path: string): Words {
  return FIGURES[path] ?? [`The figure ${path}`, '', '']
}

/** Every figure that has words. */
export const FIGURES_WITH_WORDS = Object.keys(FIGURES)

/** What is said of a floor whose share in percent changes; 0 = there is none. */
export function floorSentence(
  { by, value }: { by: string; value: string },
  before: number,
  after: number,
): string {
  const needs = groupWords(by, value)
  if (after === 0) return `It is no longer promised that at least ${before} percent of ${needs} are met.`
  if (before === 0) return `At least ${after} percent of ${needs} are to be met.`
  return `The share of ${needs} that is met at least ${after > before ? 'rises' : 'falls'} from ${before} to ${after} percent.`
}

function groupWords(by: string, value: string): string {
  const word = value.replaceAll('_', ' ')
  if (by === 'tier') return `all ${TIER_WORDS[value as Tier]} needs`
  if (by === 'category') return `all needs of ${word}`
  if (by === 'income_class') return `the needs of those whose income class is ${word}`
  return `the needs of those who live in ${value}`
}
