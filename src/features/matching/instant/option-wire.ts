/** From what is found to what the API answers. */
import type { Actor } from '../../../platform/context.ts'
import { mayLocate } from '../../catalog/confidential.ts'
import { evaluate, type Facts, type Rule, traceRule } from '../../policies/eligibility.ts'
import type { Barrier, Excluded } from '../barriers.ts'
import { hoursFit } from '../hours-fit.ts'
import type { InstantOption } from './find-options.ts'
import type { InstantOffering } from './kind-tables.ts'
import type { ListedOptions } from './list-options.ts'
import type { ExcludedOffering, NeedOption, NeedOptions } from './options-schemas.ts'

/** @param asker who is told: where a confidential place is, only its keeper may know. */
export function toNeedOptions(listed: ListedOptions, asker: Actor, currency: string): NeedOptions {
  const { need, market, options, excluded, at } = listed
  const telling = tellingOf(listed, asker, currency)
  return {
    needId: need.id,
    period: need.period,
    policyId: market.policyId,
    at: at.toISOString(),
    options: options.map((option, index) => toNeedOption(telling, option, index + 1)),
    ...(excluded && {
      excluded: { ...excluded, offerings: excluded.offerings.map((one) => toExcludedOffering(telling, one)) },
    }),
  }
}

/** What is the same for every option of an answer. */
interface Telling {
  listed: ListedOptions
  at: string
  currency: string
  hoursOf(offering: InstantOffering): NeedOption['hours']
  verdictOn(rule: Rule | null): NeedOption['eligibility']['offering']
  isWithheld(offering: InstantOffering): boolean
}

function tellingOf(listed: ListedOptions, asker: Actor, currency: string): Telling {
  const { facts } = listed.asking.resident
  const hours = new Map<unknown, Map<string, NeedOption['hours']>>()
  // Most offerings share a few rules and hours: each is told once per answer.
  const known = new Map<Rule, NeedOption['eligibility']['offering']>()
  return {
    listed,
    at: listed.at.toISOString(),
    currency,
    hoursOf(offering) {
      const same = hours.get(offering.hours) ?? new Map<string, NeedOption['hours']>()
      const length = `${offering.unit} ${offering.staffMinutesPerUnit}`
      const fit = same.get(length) ?? hoursFit(listed.asking.need, offering, listed.market.today)
      hours.set(offering.hours, same.set(length, fit))
      return fit
    },
    verdictOn(rule) {
      if (rule === null) return { verdict: 'pass', trace: [] }
      const verdict = known.get(rule) ?? verdictOf(rule, facts)
      known.set(rule, verdict)
      return verdict
    },
    isWithheld: (offering) => isPlaceWithheld(asker, offering),
  }
}

function verdictOf(rule: Rule, facts: Facts): NeedOption['eligibility']['offering'] {
  return { verdict: evaluate(rule, facts), trace: traceRule(rule, facts) }
}

/** Whether the asker must not be told where the offering's place is, hence not how far. */
export function isPlaceWithheld(asker: Actor, { keptBy }: Pick<InstantOffering, 'keptBy'>): boolean {
  return keptBy !== null && !mayLocate(asker, kept(keptBy))
}

function kept(organizationId: string) {
  return { organizationId, visibility: 'confidential', addressOf: 'station' } as const
}

function toNeedOption(telling: Telling, option: InstantOption, rank: number): NeedOption {
  const { listed, at, currency } = telling
  const { offering, program } = option
  const { asking, notBookable } = listed
  const { wallet } = asking.resident
  const before = wallet?.available ?? 0
  const placeWithheld = telling.isWithheld(offering)
  return {
    rank,
    offeringId: offering.id,
    organizationId: offering.organizationId,
    name: offering.name,
    sector: offering.sector,
    category: offering.category,
    term: offering.term,
    tier: offering.tier,
    mode: offering.mode,
    unit: offering.unit,
    programId: program?.id ?? null,
    programName: program?.name ?? null,
    walkingMinutes: placeWithheld ? null : tenths(option.walkingMinutes),
    placeWithheld,
    hours: telling.hoursOf(offering),
    cost: {
      currency,
      price: option.price,
      subsidies: program ? [{ programId: program.id, name: program.name, amount: option.subsidy }] : [],
      copayment: option.copayment,
      wallet: wallet && { before, after: before - option.copayment },
    },
    availability: {
      unitsLeft: offering.capacity.available,
      unitsOf: offering.capacity.limit,
      staffMinutesLeft: offering.staffTime?.available ?? null,
      at,
    },
    eligibility: {
      offering: telling.verdictOn(offering.eligibility),
      program: program && telling.verdictOn(program.eligibility),
    },
    // The part for walking says how far it is, and so does the sum.
    score:
      placeWithheld && option.walkingMinutes !== null
        ? null
        : { utility: option.utility, parts: option.parts },
    bookable: { allowed: notBookable === null, reason: notBookable },
  }
}

function toExcludedOffering(
  telling: Telling,
  { offering, barriers, walkingMinutes }: Excluded,
): ExcludedOffering {
  const { id, organizationId, name, eligibility } = offering as InstantOffering
  const placeWithheld = telling.isWithheld(offering as InstantOffering)
  return {
    offeringId: id,
    organizationId,
    name,
    reason: barriers[0]!.reason,
    barriers: barriers.map((barrier) => toBarrier(barrier, placeWithheld)),
    walkingMinutes: placeWithheld ? null : tenths(walkingMinutes),
    placeWithheld,
    eligibility: telling.verdictOn(eligibility),
  }
}

function toBarrier({ reason, kind, programId, by, fact }: Barrier, placeWithheld: boolean) {
  return { reason, kind, programId, by: placeWithheld && kind === 'reach' ? null : by, fact }
}

function tenths(minutes: number | null): number | null {
  return minutes === null ? null : Math.round(minutes * 10) / 10
}
