/** Maps of published area files: which property of which file holds what. */
import { z } from '@hono/zod-openapi'
import { Text } from '../../platform/text.ts'
import { LayerMap } from './area-import-schemas.ts'
import { AreaKind } from './schemas.ts'

/** How a GeoJSON file, and files beside it, become an import of areas. */
export const AreaMap = LayerMap.extend({
  kind: AreaKind.default('community'),
  parentKind: AreaKind.default('district'),
  join: z
    .array(LayerMap.extend({ file: Text(300) }))
    .max(7)
    .default([]),
})
export type AreaMap = z.input<typeof AreaMap>

/** A file that names its properties as we do. */
const PLAIN: AreaMap = {
  code: 'code',
  name: 'name',
  parentCode: 'parentCode',
  parentName: 'parentName',
  population: { age0to14: 'age0to14', age15to64: 'age15to64', age65up: 'age65up' },
}

/**
 * The villages of Taipei: residents in three age classes (Ministry of the Interior) with the median income of their
 * tax units (Ministry of Finance). Each agency numbers villages its own way, so the files are joined by name.
 */
const TAIPEI_VILLAGES: AreaMap = {
  code: 'V_ID',
  name: 'VILLAGE',
  parentCode: 'TOWN_ID',
  parentName: 'TOWN',
  population: { age0to14: 'A0A14_CNT', age15to64: 'A15A64_CNT', age65up: 'A65UP_CNT' },
  join: [
    {
      file: '臺北市_村里_綜稅綜合所得總額.geojson',
      name: 'VNAME',
      parentName: 'TNAME',
      population: { medianIncome: '中位數' },
    },
  ],
}

/** Maps known by name. */
export const AREA_MAPS: Readonly<Record<string, AreaMap>> = {
  plain: PLAIN,
  'taipei-villages': TAIPEI_VILLAGES,
}
