import { z } from '@hono/zod-openapi'
import { PageQuery } from '../../platform/http/paging.ts'
import { Text } from '../../platform/text.ts'
import { Point } from '../communities/schemas.ts'

export const SourceRef = Text(200)

/** Refinement of a merge patch; asked only where nothing else is wrong with it. */
export const changesSomething = (patch: object) => Object.keys(patch).length > 0
export const NOTHING_TO_CHANGE = {
  message: 'says nothing to change',
  when: ({ issues }: { issues: readonly unknown[] }) => issues.length === 0,
}

export const Visibility = z.enum(['public', 'confidential'])
export type Visibility = z.infer<typeof Visibility>

/** Whose address it is: a place that people come to, or where somebody lives. */
export const AddressOf = z.enum(['station', 'person'])
export type AddressOf = z.infer<typeof AddressOf>

const LocationName = Text(200).openapi({ example: 'Jinhua Community Care Station' })
const Address = Text(500)
const visibility = Visibility.nullable().openapi({
  description: 'Null = not known, which counts as confidential for the address of a person',
})

export const CreateLocation = z
  .strictObject({
    name: LocationName,
    address: Address,
    areaId: z.uuid().nullable().default(null),
    point: Point.nullable()
      .default(null)
      .openapi({ description: 'Null where unknown: such a location is not matched by distance' }),
    visibility: visibility.default(null),
    addressOf: AddressOf.default('station'),
    sourceRef: SourceRef.nullable().default(null),
  })
  .openapi('CreateLocation')
export type CreateLocation = z.input<typeof CreateLocation>

/** What can be edited of a location, whole. */
export const EditableLocation = CreateLocation.omit({ sourceRef: true })

export const ReviseLocation = z
  .strictObject({
    name: LocationName.optional(),
    address: Address.optional(),
    areaId: z.uuid().nullable().optional(),
    point: Point.partial().nullable().optional(),
    visibility: visibility.optional(),
    addressOf: AddressOf.nullable().optional(),
  })
  .refine(changesSomething, NOTHING_TO_CHANGE)
  .openapi('ReviseLocation', { description: 'JSON merge patch: what is not named stays, null takes away' })
export type ReviseLocation = z.input<typeof ReviseLocation>

export const Location = z
  .object({
    id: z.uuid(),
    organizationId: z.uuid(),
    name: z.string(),
    address: z.string().nullable().openapi({ description: 'Null for those whom it is kept from' }),
    areaId: z.uuid().nullable(),
    point: Point.nullable(),
    visibility: Visibility.nullable(),
    addressOf: AddressOf,
    confidential: z.boolean().openapi({
      description: 'Address, point and source reference are for its provider and the operator only',
    }),
    sourceRef: z.string().nullable(),
    version: z.number().int(),
    createdAt: z.iso.datetime(),
  })
  .openapi('Location')
export type Location = z.infer<typeof Location>

export const LocationsQuery = PageQuery.extend({
  organizationId: z.uuid().optional(),
  areaId: z.uuid().optional().openapi({ description: 'Only in this area or a part of it' }),
})
export type LocationsQuery = z.infer<typeof LocationsQuery>
