import { z } from '@hono/zod-openapi'
import { defineRoute, json } from '../../platform/http/define-route.ts'
import { refusalsOfObject } from '../../platform/http/problem.ts'
import { Mobility, Point } from '../communities/schemas.ts'
import { IncomeClass } from '../residents/schemas.ts'
import { getReferralResident, type ReferralResident as VisibleResident } from './get-referral-resident.ts'

const IdParam = z.object({ id: z.uuid() })

const ReferralResident = z
  .object({
    point: Point.nullable().openapi({ description: 'Where the resident lives, to about 100 m' }),
    languages: z.array(z.string()).nullable(),
    age: z.number().int().nullable().openapi({ description: 'In the month of the need' }),
    mobility: Mobility.nullable(),
    careLevel: z
      .number()
      .int()
      .nullable()
      .openapi({ description: 'The highest level among the valid assessments' }),
    incomeClass: IncomeClass.nullable(),
    livesAlone: z.boolean().nullable(),
  })
  .openapi('ReferralResident', { description: 'Null = not known, or the resident has not consented' })
type ReferralResident = z.infer<typeof ReferralResident>

/** What the provider of a referral may know of its resident. */
export const residentRoutes = [
  defineRoute(
    {
      method: 'get',
      path: '/v1/referrals/{id}/resident',
      operationId: 'getReferralResident',
      summary: 'Read what the resident lets the provider of a referral know',
      tags: ['referrals'],
      request: { params: IdParam },
      responses: { 200: json('The facts', ReferralResident), ...refusalsOfObject },
    },
    async (c) =>
      c.json(toReferralResident(await getReferralResident(c.get('ctx'), c.req.valid('param').id)), 200),
  ),
] as const

function toReferralResident({ point, languages, facts }: VisibleResident): ReferralResident {
  const { age = null, careLevel = null, livesAlone = null } = facts
  return {
    point,
    languages: languages.length > 0 ? languages : null,
    age,
    mobility: Mobility.nullable().parse(facts.mobility ?? null),
    careLevel,
    incomeClass: IncomeClass.nullable().parse(facts.incomeClass ?? null),
    livesAlone,
  }
}
