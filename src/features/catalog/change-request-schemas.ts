import { z } from '@hono/zod-openapi'
import { PageQuery } from '../../platform/http/paging.ts'
import { Text } from '../../platform/text.ts'
import { Role } from '../identity/schemas.ts'
import { ReviseOffering } from './schemas.ts'

/** superseded: what it wanted to change was edited meanwhile, or the offering was withdrawn. */
export const ChangeRequestState = z.enum(['pending', 'approved', 'rejected', 'superseded'])
export type ChangeRequestState = z.infer<typeof ChangeRequestState>

const Reason = Text(1000).openapi({ example: 'The station closes at 16:00 on Fridays' })

export const ProposeChange = z
  .strictObject({ changes: ReviseOffering, reason: Reason })
  .openapi('ProposeChange')
export type ProposeChange = z.input<typeof ProposeChange> & { offeringId: string }

export const RejectChange = z.strictObject({ reason: Reason }).openapi('RejectChange')
export type RejectChange = z.input<typeof RejectChange> & { id: string; version: number }

export const ChangeRequest = z
  .object({
    id: z.uuid(),
    offeringId: z.uuid(),
    changes: z
      .record(z.string(), z.unknown())
      .openapi({ description: 'The merge patch that is proposed for the offering' }),
    reason: z.string(),
    proposedBy: z.uuid().openapi({ description: 'Organization that proposes it' }),
    proposerRole: Role.or(z.literal('system')),
    state: ChangeRequestState,
    decidedAt: z.iso.datetime().nullable(),
    decisionReason: z.string().nullable(),
    version: z.number().int(),
    createdAt: z.iso.datetime(),
  })
  .openapi('ChangeRequest')
export type ChangeRequest = z.infer<typeof ChangeRequest>

export const ChangeRequestsQuery = PageQuery.extend({
  offeringId: z.uuid().optional(),
  state: ChangeRequestState.optional(),
})
export type ChangeRequestsQuery = z.infer<typeof ChangeRequestsQuery>
