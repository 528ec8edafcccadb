/** A calendar month such as `2026-12`: what budgets, capacities and wallets are counted by. */
import { z } from '@hono/zod-openapi'
import { Refusal } from './errors.ts'

export const Period = z
  .string()
  .regex(/^[0-9]{4}-(0[1-9]|1[0-2])$/, 'a calendar month such as 2026-12')
  .openapi({ example: '2026-12' })
export type Period = z.infer<typeof Period>

/** Milliseconds of 24 hours. */
export const DAY_MS = 86_400_000

/** The month an instant falls in (UTC). */
export function periodAt(instant: Date): Period {
  return instant.toISOString().slice(0, 7)
}

/** The month after. */
export function periodAfter(period: Period): Period {
  const [year, month] = period.split('-').map(Number)
  return periodAt(new Date(Date.UTC(year!, month!, 1)))
}

/** Whole years lived by the first day of the period, from the birth year alone (we hold no birthday). */
export function ageIn(period: Period, birthYear: number): number {
  return Number(period.slice(0, 4)) - birthYear
}

/** @throws Refusal `invalid_input` for a month that is over. */
export function refusePast(period: Period, now: Date, pointer = '/period'): void {
  const current = periodAt(now)
  if (period >= current) return
  throw new Refusal('invalid_input', `${pointer}: ${period} is over; the current month is ${current}.`, {
    errors: [{ pointer, message: `is over; the current month is ${current}` }],
  })
}
