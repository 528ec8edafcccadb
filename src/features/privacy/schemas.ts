import { z } from '@hono/zod-openapi'
import { PolicyVoteChoice } from '../consultations/schemas.ts'
import { PetitionState } from '../feedback/petition-schemas.ts'
import { Feedback } from '../feedback/schemas.ts'
import { Explanation, Match, UnmetReason } from '../matching/schemas.ts'
import { Category, Tier } from '../policies/schemas.ts'
import { Delivery } from '../referrals/delivery-schemas.ts'
import { LinkAction, Referral } from '../referrals/schemas.ts'
import { Consent, Need, Resident } from '../residents/schemas.ts'
import { WalletLineKind } from '../residents/wallet-schemas.ts'
import { Grievance } from '../supervision/grievance-schemas.ts'

/** Rows whose personal facts are gone, by what they are. */
export const Erased = z.record(z.string(), z.number().int())
export type Erased = z.infer<typeof Erased>

export const Erasure = z
  .object({
    id: z.uuid(),
    residentId: z.uuid().openapi({ description: 'It leads nowhere any more' }),
    erased: Erased.openapi({
      description: 'How many rows of which kind',
      example: { residents: 1, needs: 3 },
    }),
    audit: z
      .object({
        entryId: z.uuid(),
        position: z.number().int(),
        seal: z
          .object({ number: z.number().int(), hash: z.string() })
          .nullable()
          .openapi({ description: 'The seal that covers the entry; null until the log is sealed next' }),
      })
      .nullable()
      .openapi({ description: 'Where the audit log holds the erasure' }),
    at: z.iso.datetime(),
  })
  .openapi('Erasure')
export type Erasure = z.infer<typeof Erasure>

const Instant = z.iso.datetime()

const ExportedWallet = z.object({
  period: z.string(),
  currency: z.string(),
  carryOverMost: z.number().int().nullable(),
  available: z.number().int(),
  lines: z.array(
    z.object({ at: Instant, kind: WalletLineKind, amount: z.number().int(), bundleId: z.uuid().nullable() }),
  ),
})

/** Everything that is held of one resident. */
export const ResidentExport = z
  .object({
    format: z.literal('lifecircle-resident/1'),
    exportedAt: Instant,
    resident: Resident,
    consents: z.array(Consent),
    wallets: z.array(ExportedWallet),
    needs: z.array(Need),
    matches: z.array(Match),
    coolOffs: z
      .array(
        z.object({
          id: z.uuid(),
          offeringId: z.uuid().nullable(),
          organizationId: z.uuid().nullable(),
          reason: z.string(),
          until: Instant,
          createdAt: Instant,
        }),
      )
      .openapi({ description: 'What was not to be offered again for a while' }),
    explanations: z
      .array(
        z.object({
          runId: z.uuid(),
          needId: z.uuid(),
          reason: UnmetReason.nullable(),
          explanation: Explanation,
        }),
      )
      .openapi({ description: 'Why runs met needs or not' }),
    snapshots: z
      .array(
        z.object({
          runId: z.uuid(),
          resident: z.record(z.string(), z.unknown()),
          needs: z.array(z.record(z.string(), z.unknown())),
          drawn: z.record(z.string(), z.number().int()),
        }),
      )
      .openapi({ description: 'What runs knew when they were made, kept so that they can be replayed' }),
    referrals: z.array(Referral),
    deliveries: z.array(Delivery),
    actionLinks: z
      .array(
        z.object({
          id: z.uuid(),
          referralId: z.uuid(),
          deliveryId: z.uuid().nullable(),
          actions: z.array(LinkAction),
          expiresAt: Instant,
          usedAt: Instant.nullable(),
          createdAt: Instant,
        }),
      )
      .openapi({ description: 'Without what opens them' }),
    feedback: z.array(Feedback),
    petitions: z
      .array(
        z.object({
          id: z.uuid(),
          needId: z.uuid(),
          areaId: z.uuid(),
          category: Category,
          term: z.string(),
          tier: Tier,
          text: z.string().nullable(),
          state: PetitionState,
          createdAt: Instant,
        }),
      )
      .openapi({ description: 'Those that the resident began' }),
    signatures: z.array(z.object({ petitionId: z.uuid(), at: Instant })),
    policyComments: z.array(
      z.object({ id: z.uuid(), policyId: z.uuid(), text: z.string().nullable(), createdAt: Instant }),
    ),
    policyVotes: z.array(z.object({ policyId: z.uuid(), vote: PolicyVoteChoice, at: Instant })),
    grievances: z.array(Grievance).openapi({ description: 'Complaints and appeals in the resident’s name' }),
    events: z.array(
      z.object({ id: z.uuid(), at: Instant, type: z.string(), data: z.record(z.string(), z.unknown()) }),
    ),
  })
  .openapi('ResidentExport')
export type ResidentExport = z.infer<typeof ResidentExport>
