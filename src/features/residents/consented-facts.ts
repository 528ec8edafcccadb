/** What may be known of a resident for a purpose: a fact that no live consent covers is absent. */
import { ageIn } from '../../platform/period.ts'
import type { Point } from '../communities/schemas.ts'
import type { Facts } from '../policies/eligibility.ts'
import type { Assessment, ConsentFact, ConsentPurpose } from './schemas.ts'

/** A consent as far as it decides what may be seen. */
export interface ConsentReceipt {
  purpose: ConsentPurpose
  /** The one organization that may use the facts; null = whoever serves the purpose. */
  recipientId: string | null
  facts: readonly ConsentFact[]
  givenAt: Date
  expiresAt: Date | null
  withdrawnAt: Date | null
}

/** A resident as stored: null = never told. */
export interface KnownFacts {
  latitude: number
  longitude: number
  languages: readonly string[]
  birthYear: number | null
  mobility: string | null
  assessments: readonly Assessment[]
  incomeClass: string | null
  livesAlone: boolean | null
}

export interface VisibleFacts {
  /** Null without consent to use it. */
  point: Point | null
  /** Empty without consent to use them. */
  languages: string[]
  /** What eligibility rules may ask about. */
  facts: Facts
}

/** Whether the consent holds at this instant: from its giving until, and not at, its expiry or withdrawal. */
export function isLive({ givenAt, expiresAt, withdrawnAt }: ConsentReceipt, now: Date): boolean {
  return (
    givenAt <= now && (expiresAt === null || now < expiresAt) && (withdrawnAt === null || now < withdrawnAt)
  )
}

/** Who wants to see facts, for what, and when. */
export interface Look {
  purpose: ConsentPurpose
  /** Null = nobody in particular: only consents that name nobody count. */
  recipientId: string | null
  now: Date
  /** Age is counted in it. */
  period: string
}

/** Whether the consent is for this purpose and this recipient, be it live or not. */
export function isFor(
  consent: Pick<ConsentReceipt, 'purpose' | 'recipientId'>,
  { purpose, recipientId }: Pick<Look, 'purpose' | 'recipientId'>,
): boolean {
  return consent.purpose === purpose && (consent.recipientId === null || consent.recipientId === recipientId)
}

/** Which facts live consents cover for the purpose and the recipient. */
export function coveredFacts(
  consents: readonly ConsentReceipt[],
  look: Omit<Look, 'period'>,
): Set<ConsentFact> {
  const live = consents.filter((consent) => isFor(consent, look) && isLive(consent, look.now))
  return new Set(live.flatMap((consent) => consent.facts))
}

/** The facts that live consents cover for the purpose and the recipient. */
export function visibleFacts(
  resident: KnownFacts,
  consents: readonly ConsentReceipt[],
  { period, ...look }: Look,
): VisibleFacts {
  const covered = coveredFacts(consents, look)
  const { latitude, longitude, languages, birthYear, mobility, incomeClass, livesAlone } = resident
  const careLevel = careLevelOf(resident.assessments, look.now)
  const facts: Facts = {}
  if (covered.has('birth_year') && birthYear !== null) facts.age = ageIn(period, birthYear)
  if (covered.has('mobility') && mobility !== null) facts.mobility = mobility
  if (covered.has('care_level') && careLevel !== null) facts.careLevel = careLevel
  if (covered.has('income_class') && incomeClass !== null) facts.incomeClass = incomeClass
  if (covered.has('lives_alone') && livesAlone !== null) facts.livesAlone = livesAlone
  return {
    point: covered.has('location') ? { latitude, longitude } : null,
    languages: covered.has('languages') ? [...languages] : [],
    facts,
  }
}

/** The highest level among the assessments that are valid on the day (UTC); null = none is. */
export function careLevelOf(assessments: readonly Assessment[], now: Date): number | null {
  const today = now.toISOString().slice(0, 10)
  const valid = assessments.filter(({ validUntil }) => validUntil === null || today <= validUntil)
  return valid.length === 0 ? null : Math.max(...valid.map(({ level }) => level))
}
