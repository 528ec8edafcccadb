import { z } from '@hono/zod-openapi'
import { PageQuery } from '../../platform/http/paging.ts'
import { Text } from '../../platform/text.ts'

export const OrganizationKind = z.enum(['provider', 'purchaser', 'supervisor', 'partner', 'operator'])
export type OrganizationKind = z.infer<typeof OrganizationKind>

export const Sector = z.enum(['government', 'ngo', 'market', 'joint'])
export type Sector = z.infer<typeof Sector>

export const Role = z.enum([
  'partner',
  'provider',
  'purchaser.officer',
  'purchaser.finance',
  'supervisor',
  'operator',
])
export type Role = z.infer<typeof Role>

export const Duty = z.enum(['create', 'approve', 'settle', 'supervise']).openapi('Duty')
export type Duty = z.infer<typeof Duty>

const Name = Text(200)

const BodyId = z.uuid().nullable().openapi({
  description: 'The organization that this one is a part of in law; null = it is a body of its own',
})
const SecondBodyId = z.uuid().nullable().openapi({
  description:
    'A purchaser of another body that approves what this one purchases; needed where its body also provides',
})

export const CreateOrganization = z
  .strictObject({
    kind: OrganizationKind,
    name: Name.openapi({ example: 'Da’an District Office' }),
    sector: Sector.nullable().default(null).openapi({ description: 'Providers only' }),
    sourceRef: Text(200).nullable().default(null),
    bodyId: BodyId.default(null),
    secondBodyId: SecondBodyId.default(null),
  })
  .refine((organization) => (organization.kind === 'provider') === (organization.sector !== null), {
    message: 'a provider has a sector, and only a provider has one',
    path: ['sector'],
  })
  .openapi('CreateOrganization')
export type CreateOrganization = z.input<typeof CreateOrganization>

export const ChangeOrganization = z
  .strictObject({ name: Name, bodyId: BodyId, secondBodyId: SecondBodyId })
  .openapi('ChangeOrganization')
export type ChangeOrganization = z.input<typeof ChangeOrganization>

export const Organization = z
  .object({
    id: z.uuid(),
    kind: OrganizationKind,
    name: z.string(),
    sector: Sector.nullable(),
    sourceRef: z.string().nullable(),
    bodyId: BodyId,
    secondBodyId: SecondBodyId,
    dualBody: z.boolean().openapi({ description: 'Whether its body both provides and purchases services' }),
    createdAt: z.iso.datetime(),
  })
  .openapi('Organization')
export type Organization = z.infer<typeof Organization>

export const HeldDuty = z
  .object({
    objectId: z.uuid(),
    principalId: z.uuid(),
    organizationId: z.uuid().openapi({ description: 'The organization of who has the duty' }),
    duty: Duty,
    at: z.iso.datetime(),
  })
  .openapi('HeldDuty')
export type HeldDuty = z.infer<typeof HeldDuty>

export const DutiesQuery = PageQuery.extend({
  limit: PageQuery.shape.limit.openapi({ description: 'Most objects of a page; each has a few duties' }),
  objectId: z.uuid().optional().openapi({ description: 'A program, a run, a policy, a provider …' }),
})
export type DutiesQuery = z.infer<typeof DutiesQuery>

export const CreatePrincipal = z
  .strictObject({
    role: Role,
    name: Name.openapi({ example: 'Purchasing officer' }),
    areaId: z
      .uuid()
      .nullable()
      .default(null)
      .openapi({ description: 'Area a purchaser or supervisor acts in; null = everywhere' }),
  })
  .openapi('CreatePrincipal')
export type CreatePrincipal = z.input<typeof CreatePrincipal> & { organizationId: string }

export const Principal = z
  .object({
    id: z.uuid(),
    organizationId: z.uuid(),
    role: Role,
    name: z.string(),
    areaId: z.uuid().nullable(),
    createdAt: z.iso.datetime(),
  })
  .openapi('Principal')
export type Principal = z.infer<typeof Principal>

export const IssueKey = z
  .strictObject({
    expiresAt: z.iso.datetime().nullable().default(null).openapi({ description: 'Null = until revoked' }),
  })
  .openapi('IssueKey')
export type IssueKey = z.input<typeof IssueKey> & { principalId: string }

export const IssuedKey = z
  .object({
    id: z.uuid(),
    key: z.string().openapi({ description: 'Shown this once; only its hash is kept', example: 'lc_…' }),
    expiresAt: z.iso.datetime().nullable(),
  })
  .openapi('IssuedKey')
export type IssuedKey = z.infer<typeof IssuedKey>
