/** What an import of areas takes and tells: GeoJSON layers, and which of their properties hold what. */
import { z } from '@hono/zod-openapi'
import { Text } from '../../platform/text.ts'
import { FeatureCollection } from './geojson.ts'
import { AreaKind } from './schemas.ts'

const Property = Text(100).openapi({ description: 'Name of a property of the features' })
const Summed = z
  .union([Property, z.array(Property).min(1).max(50)])
  .openapi({ description: 'Name of a property, or names of properties whose values are added up' })

const Figures = z.strictObject({
  age0to14: Summed.optional(),
  age15to64: Summed.optional(),
  age65up: Summed.optional(),
  medianIncome: Summed.optional(),
})

/** Where a layer's features hold what. */
export const LayerMap = z
  .strictObject({
    code: Property.optional().openapi({
      description: 'Official code; the first layer needs one. A further layer without one is joined by name',
    }),
    name: Property,
    parentCode: Property.optional(),
    parentName: Property.optional().openapi({
      description: 'Name of the area it lies in; with the name, what layers are joined by',
    }),
    population: Figures.default({}),
  })
  .openapi('LayerMap')
export type LayerMap = z.output<typeof LayerMap>

const Layer = z.strictObject({ map: LayerMap, collection: FeatureCollection })
export type Layer = z.output<typeof Layer>

export const ImportAreas = z
  .strictObject({
    kind: AreaKind.default('community').openapi({ description: 'What the features are' }),
    parentKind: AreaKind.default('district').openapi({ description: 'What they lie in' }),
    layers: z.array(Layer).min(1).max(8).openapi({
      description: 'The first gives the areas with their outlines; further ones add figures to them',
    }),
  })
  .superRefine(({ layers }, issues) => {
    const [first] = layers
    if (first && first.map.code === undefined) {
      issues.addIssue({ code: 'custom', path: ['layers', 0, 'map', 'code'], message: 'is missing' })
    }
    const mapped = new Set(layers.flatMap(({ map }) => Object.keys(map.population)))
    const ages = ['age0to14', 'age15to64', 'age65up'].filter((name) => mapped.has(name))
    if (ages.length === 3 || mapped.size === 0) return
    const message = 'a population needs all three age groups, in this layer or another'
    issues.addIssue({ code: 'custom', path: ['layers', 0, 'map', 'population'], message })
  })
  .openapi('ImportAreas')
export type ImportAreas = z.input<typeof ImportAreas>

/** A feature that did not go in, or went in with a flaw. */
export const AreaImportNote = z.object({
  layer: z.number().int().openapi({ description: 'Place of the layer in the import, from 0' }),
  index: z.number().int().openapi({ description: 'Place of the feature in its layer, from 0' }),
  field: z.string().nullable().openapi({ description: 'The property at fault' }),
  reason: z.string(),
  outcome: z.enum(['kept', 'refused']),
})
export type AreaImportNote = z.infer<typeof AreaImportNote>

const LayerCount = z.object({
  features: z.number().int(),
  imported: z.number().int(),
  refused: z.number().int(),
})
export type LayerCount = z.infer<typeof LayerCount>

export const AreaImport = z
  .object({
    created: z.number().int(),
    updated: z.number().int(),
    unchanged: z.number().int(),
    parentsCreated: z.number().int(),
    layers: z.array(LayerCount).openapi({ description: 'Of every layer: features = imported + refused' }),
    notes: z.array(AreaImportNote),
  })
  .openapi('AreaImport')
export type AreaImport = z.infer<typeof AreaImport>
