/** What is wrong with a need that the shape of its fields does not show. */
import type { z } from 'zod'
import { invalidInput } from '../../platform/http/router.ts'
import type { AcceptableHours, RegisterNeed } from './schemas.ts'

/** The fields of a need that must fit together. */
export type WantedNeed = Pick<
  z.output<typeof RegisterNeed>,
  'period' | 'neededBy' | 'acceptableHours' | 'preferences' | 'refusals'
>

interface Flaw {
  path: (string | number)[]
  message: string
}

/** @throws Refusal `invalid_input` naming each flawed field, below the path of the need. */
export function refuseImpossibleNeed(need: WantedNeed, now: Date, path: (string | number)[] = []): void {
  const flaws = [...flawsOfDay(need, now), ...flawsOfHours(need.acceptableHours), ...contradictions(need)]
  if (flaws.length === 0) return
  throw invalidInput(flaws.map((flaw) => ({ ...flaw, path: [...path, ...flaw.path] })))
}

function flawsOfDay({ neededBy, period }: WantedNeed, now: Date): Flaw[] {
  if (neededBy === null) return []
  const today = now.toISOString().slice(0, 10)
  const path = ['neededBy']
  if (neededBy.slice(0, 7) !== period) return [{ path, message: `is not a day of ${period}` }]
  if (neededBy < today) return [{ path, message: `is over; today is ${today}` }]
  return []
}

/** Hours of one day that share a moment would count it twice. */
function flawsOfHours(hours: AcceptableHours | null): Flaw[] {
  return (hours ?? []).flatMap((one, at) => {
    const first = hours!.findIndex(
      (other) => other.day === one.day && other.opens < one.closes && one.opens < other.closes,
    )
    return first < at
      ? [{ path: ['acceptableHours', at], message: `overlaps the hours at ${first} of the same day` }]
      : []
  })
}

function contradictions({ preferences, refusals }: WantedNeed): Flaw[] {
  const { sector, caregiverGender } = preferences
  const flaws: Flaw[] = []
  if (sector && refusals.sectors?.includes(sector)) {
    flaws.push({ path: ['preferences', 'sector'], message: 'is refused as well' })
  }
  if (caregiverGender && refusals.caregiverGenders?.includes(caregiverGender)) {
    flaws.push({ path: ['preferences', 'caregiverGender'], message: 'is refused as well' })
  }
  return flaws
}
