/** Small GeoJSON for tests: square villages on a grid, and the real city's village files. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ImportAreas } from '../../../src/features/communities/area-import-schemas.ts'
import { AREA_MAPS, AreaMap } from '../../../src/features/communities/area-maps.ts'
import type { Feature, FeatureCollection } from '../../../src/features/communities/geojson.ts'

type Ring = number[][]

/** A closed square ring whose south-west corner stands at these degrees. */
export function square(longitude: number, latitude: number, size = 0.01): Ring {
  return [
    [longitude, latitude],
    [longitude + size, latitude],
    [longitude + size, latitude + size],
    [longitude, latitude + size],
    [longitude, latitude],
  ]
}

export function polygon(properties: Record<string, unknown>, ...rings: Ring[]): Feature {
  return { type: 'Feature', properties, geometry: { type: 'Polygon', coordinates: rings } }
}

export function collectionOf(...features: unknown[]): FeatureCollection {
  return { type: 'FeatureCollection', features } as FeatureCollection
}

/** The n-th village of district D, ten by ten to a row; with residents. */
export function village(at: number, more: Record<string, unknown> = {}): Feature {
  const properties = {
    code: `V-${at}`,
    name: `Village ${at}`,
    parentCode: 'D-1',
    parentName: 'Old Town',
    age0to14: 10 + at,
    age15to64: 100,
    age65up: 30,
    ...more,
  }
  return polygon(properties, square(121 + (at % 10) * 0.01, 25 + Math.floor(at / 10) * 0.01))
}

/** An import of one layer whose properties are named as ours. */
export function plainImport(...features: unknown[]): ImportAreas {
  return importOf(AREA_MAPS.plain!, () => collectionOf(...features))
}

/** The import a map describes, over files that `read` gives; '' is the file of the first layer. */
export function importOf(map: AreaMap, read: (file: string) => FeatureCollection): ImportAreas {
  const { kind, parentKind, join: further, ...first } = AreaMap.parse(map)
  const layers = [
    { map: first, collection: read('') },
    ...further.map(({ file, ...rest }) => ({ map: rest, collection: read(file) })),
  ]
  return { kind, parentKind, layers }
}

export const TAIPEI = resolve(import.meta.dirname, '../../../../shared/data/taipei-ltc')
export const taipeiAbsent = !existsSync(TAIPEI)
if (taipeiAbsent) console.warn('skipped: the real city needs ../shared/data/taipei-ltc beside the checkout')

const VILLAGES = '113年12月行政區三段年齡組性別人口統計_村里_WGS84_臺北市.geojson'

/** The villages of the real city with their population, outlines and incomes. */
export function taipeiVillages(): ImportAreas {
  return importOf(AREA_MAPS['taipei-villages']!, (file) =>
    JSON.parse(readFileSync(join(TAIPEI, 'geojson', file || VILLAGES), 'utf8')),
  )
}
