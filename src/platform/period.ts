/** A calendar month such as `2026-12`: what budgets, capacities and wallets are counted by. */
import { z } from '@hono/zod-openapi'

export const Period = z
  .string()
  .regex(/^[0-9]{4}-(0[1-9]|1[0-2])$/, 'a calendar month such as 2026-12')
  .openapi({ example: '2026-12' })
export type Period = z.infer<typeof Period>

/** The month an instant falls in (UTC). */
export function periodAt(instant: Date): Period {
  return instant.toISOString().slice(0, 7)
}

/** Whole years lived by the first day of the period, from the birth year alone (we hold no birthday). */
export function ageIn(period: Period, birthYear: number): number {
  return Number(period.slice(0, 4)) - birthYear
}
