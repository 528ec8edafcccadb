/** What may be known of a resident for a purpose: a fact that no live consent covers is absent. */
import { ageIn } from '../../platform/period.ts'
import type { Point } from '../communities/schemas.ts'
import type { Facts } from '../policies/eligibility.ts'
import type { ConsentFact, ConsentPurpose } from './schemas.ts'

/** A consent as far as it decides what may be seen. */
export interface ConsentReceipt {
  purpose: ConsentPurpose
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
  careLevel: number | null
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

/** The facts that live consents cover for the purpose; age is counted in the period. */
export function visibleFacts(
  resident: KnownFacts,
  consents: readonly ConsentReceipt[],
  purpose: ConsentPurpose,
  now: Date,
  period: string,
): VisibleFacts {
  const live = consents.filter((consent) => consent.purpose === purpose && isLive(consent, now))
  const covered = new Set(live.flatMap((consent) => consent.facts))
  const { latitude, longitude, languages, birthYear, mobility, careLevel, incomeClass, livesAlone } = resident
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
