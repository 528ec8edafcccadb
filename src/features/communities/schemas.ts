import { z } from '@hono/zod-openapi'
import { PageQuery } from '../../platform/http/paging.ts'
import { Text } from '../../platform/text.ts'

export const AreaKind = z.enum(['district', 'subdistrict', 'community', 'grid'])
export type AreaKind = z.infer<typeof AreaKind>

export const Latitude = z.number().min(-90).max(90).openapi({ example: 25.033 })
export const Longitude = z.number().min(-180).max(180).openapi({ example: 121.543 })

export const Point = z.object({ latitude: Latitude, longitude: Longitude })
export type Point = z.infer<typeof Point>

/** How well a person walks; sets the walking speed of reach. */
export const Mobility = z.enum(['independent', 'slow', 'homebound'])
export type Mobility = z.infer<typeof Mobility>

/** Official counts of an area, and the median yearly household income in thousand currency units. */
export const Population = z.object({
  age0to14: z.number().int().min(0),
  age15to64: z.number().int().min(0),
  age65up: z.number().int().min(0),
  medianIncome: z.number().min(0).nullable(),
})
export type Population = z.infer<typeof Population>

export const CreateArea = z
  .strictObject({
    parentId: z.uuid().nullable().default(null),
    kind: AreaKind,
    code: Text(100).openapi({ example: '63000030-042' }),
    name: Text(200).openapi({ example: '大學里' }),
    point: Point.nullable().default(null),
    population: Population.nullable().default(null),
  })
  .openapi('CreateArea')
export type CreateArea = z.input<typeof CreateArea>

/** A point in a query: `25.0261,121.5434`. */
const PointText = z
  .string()
  .regex(/^-?\d{1,2}(\.\d{1,15})?,-?\d{1,3}(\.\d{1,15})?$/, 'latitude,longitude such as 25.0261,121.5434')
  .transform((text) => {
    const [latitude, longitude] = text.split(',').map(Number)
    return { latitude, longitude }
  })
  .pipe(Point)

export const AreasQuery = PageQuery.extend({
  parentId: z.uuid().optional().openapi({ description: 'Only the parts of this area' }),
  kind: AreaKind.optional(),
  at: PointText.optional().openapi({
    description: 'Only areas whose outline holds this point: latitude,longitude',
    example: '25.0261,121.5434',
  }),
})
export type AreasQuery = z.infer<typeof AreasQuery>

export const Area = z
  .object({
    id: z.uuid(),
    parentId: z.uuid().nullable(),
    kind: AreaKind,
    code: z.string(),
    name: z.string(),
    point: Point.nullable(),
    population: Population.nullable(),
  })
  .openapi('Area')
export type Area = z.infer<typeof Area>
