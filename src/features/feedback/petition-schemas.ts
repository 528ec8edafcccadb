import { z } from '@hono/zod-openapi'
import { PageQuery } from '../../platform/http/paging.ts'
import { Text } from '../../platform/text.ts'
import { Term } from '../catalog/schemas.ts'
import { Category, Tier } from '../policies/schemas.ts'

export const PetitionState = z.enum(['open', 'answered'])
export type PetitionState = z.infer<typeof PetitionState>

export const BeginPetition = z
  .strictObject({
    needId: z.uuid().openapi({ description: 'A need of one’s own resident for which there is no option' }),
    text: Text(2000)
      .nullable()
      .default(null)
      .openapi({ description: 'The resident’s own words; everybody reads them' }),
  })
  .openapi('BeginPetition')
export type BeginPetition = z.input<typeof BeginPetition>

export const SignPetition = z.strictObject({ residentId: z.uuid() }).openapi('SignPetition')
export type SignPetition = z.input<typeof SignPetition> & { petitionId: string }

export const AnswerPetition = z
  .strictObject({
    text: Text(2000).openapi({ example: 'From March on we drive to the villages on Fridays.' }),
  })
  .openapi('AnswerPetition')
export type AnswerPetition = z.input<typeof AnswerPetition> & { petitionId: string }

const PetitionAnswer = z
  .object({
    id: z.uuid(),
    organizationId: z.uuid(),
    organizationName: z.string(),
    text: z.string(),
    at: z.iso.datetime(),
  })
  .openapi('PetitionAnswer')

export const Petition = z
  .object({
    id: z.uuid(),
    areaId: z.uuid().openapi({ description: 'The community, never the grid: nobody is to be found by it' }),
    category: Category,
    term: z.string(),
    tier: Tier,
    text: z.string().nullable(),
    state: PetitionState,
    signatures: z.number().int().openapi({ description: 'How many residents stand behind it' }),
    answers: z.array(PetitionAnswer),
    version: z.number().int(),
    createdAt: z.iso.datetime(),
  })
  .openapi('Petition')
export type Petition = z.infer<typeof Petition>

export const PetitionsQuery = PageQuery.extend({
  areaId: z.uuid().optional().openapi({ description: 'Those of this area and of everything in it' }),
  category: Category.optional(),
  term: Term.optional(),
  state: PetitionState.optional(),
})
export type PetitionsQuery = z.infer<typeof PetitionsQuery>
