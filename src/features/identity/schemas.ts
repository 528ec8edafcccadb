import { z } from '@hono/zod-openapi'
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

export const Duty = z.enum(['create', 'approve', 'settle', 'supervise'])
export type Duty = z.infer<typeof Duty>

const Name = Text(200)

export const CreateOrganization = z
  .strictObject({
    kind: OrganizationKind,
    name: Name.openapi({ example: 'Da’an District Office' }),
    sector: Sector.nullable().default(null).openapi({ description: 'Providers only' }),
    sourceRef: Text(200).nullable().default(null),
  })
  .refine((organization) => (organization.kind === 'provider') === (organization.sector !== null), {
    message: 'a provider has a sector, and only a provider has one',
    path: ['sector'],
  })
  .openapi('CreateOrganization')
export type CreateOrganization = z.input<typeof CreateOrganization>

export const Organization = z
  .object({
    id: z.uuid(),
    kind: OrganizationKind,
    name: z.string(),
    sector: Sector.nullable(),
    sourceRef: z.string().nullable(),
    createdAt: z.iso.datetime(),
  })
  .openapi('Organization')
export type Organization = z.infer<typeof Organization>

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
