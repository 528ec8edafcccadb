import { z } from '@hono/zod-openapi'
import { Text } from '../../platform/text.ts'

const ResidentId = z.uuid().optional().openapi({
  description: 'Who speaks: a resident of the partner’s app; the organization itself where missing',
})

export const GivePolicyComment = z
  .strictObject({
    text: Text(5000).openapi({ description: 'In their own words; everybody reads them, without a name' }),
    residentId: ResidentId,
  })
  .openapi('GivePolicyComment')
export type GivePolicyComment = z.input<typeof GivePolicyComment> & { policyId: string }

export const PolicyVoteChoice = z.enum(['for', 'against', 'abstain'])
export type PolicyVoteChoice = z.infer<typeof PolicyVoteChoice>

export const CastPolicyVote = z
  .strictObject({ vote: PolicyVoteChoice, residentId: ResidentId })
  .openapi('CastPolicyVote')
export type CastPolicyVote = z.input<typeof CastPolicyVote> & { policyId: string }

const OrganizationId = z.uuid().nullable().openapi({
  description: 'The body; of a resident, the app, and null for everybody but the app itself',
})
const ShownResidentId = z.uuid().nullable().openapi({
  description: 'Null for everybody but the resident’s own app',
})
const OfResident = z.boolean().openapi({ description: 'Whether a resident says it, and not a body' })

export const PolicyComment = z
  .object({
    id: z.uuid(),
    policyId: z.uuid(),
    ofResident: OfResident,
    organizationId: OrganizationId,
    residentId: ShownResidentId,
    text: z.string().nullable().openapi({ description: 'Null where it was erased with the resident' }),
    createdAt: z.iso.datetime(),
  })
  .openapi('PolicyComment')
export type PolicyComment = z.infer<typeof PolicyComment>

export const PolicyVote = z
  .object({
    id: z.uuid(),
    policyId: z.uuid(),
    ofResident: OfResident,
    organizationId: z.uuid().openapi({ description: 'The body that votes as one, or the resident’s app' }),
    residentId: z.uuid().nullable(),
    vote: PolicyVoteChoice,
    at: z.iso.datetime(),
  })
  .openapi('PolicyVote')
export type PolicyVote = z.infer<typeof PolicyVote>

/** Of fewer residents than this, counts would tell of persons. */
export const FEWEST_RESIDENTS = 5

const Counts = z.record(PolicyVoteChoice, z.number().int())

export const PolicyVoteCounts = z
  .object({
    policyId: z.uuid(),
    residents: Counts.nullable().openapi({
      description: `Null where fewer than ${FEWEST_RESIDENTS} voted, for everybody but purchasers and supervisors`,
    }),
    bodies: Counts,
  })
  .openapi('PolicyVoteCounts')
export type PolicyVoteCounts = z.infer<typeof PolicyVoteCounts>
