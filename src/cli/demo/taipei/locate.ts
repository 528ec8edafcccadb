/** Where one row's unit is: district, village and point, each from the best text the row has. */

import type { Point } from '../../../features/communities/schemas.ts'
import {
  type Address,
  districtIn,
  misreadDistrict,
  plain,
  readAddress,
} from '../../../features/feeds/columns/taipei/address.ts'
import type { Village } from '../district.ts'
import type { Places } from './places.ts'
import type { Source } from './sources.ts'

/** The city's box: two rows of the lists lie far outside it. */
const BOX = { south: 24.9, north: 25.3, west: 121.4, east: 121.7 }

export interface Flag {
  field: string
  reason: string
}

export interface Location {
  /** The address as the list writes it, without a telephone number that shares its cell. */
  text: string
  address: Address
  district: string | null
  village: Village | null
  point: Point | null
  flags: Flag[]
}

export function locate(values: Record<string, string>, source: Source, places: Places): Location {
  const { columns } = source
  const flags: Flag[] = []
  const text = (values[columns.address] ?? '').trim().replace(/\s+[\d-]{7,}.*$/, '')
  const point = pointOf(values, flags)
  const told = columns.district === undefined ? null : values[columns.district]!
  for (const field of [columns.district, columns.address]) {
    const misread = field === undefined ? null : misreadDistrict(values[field]!)
    if (misread !== null) {
      flags.push({ field: field!, reason: `the district ${misread.read} is read as ${misread.meant}區` })
    }
  }
  const column = told === null ? null : districtIn(told, places.districts)
  const read = (fallback: string | null): Address =>
    readAddress(text, fallback, places.villagesOf, places.districts)
  let address = read(column)
  const around = point === null || address.elsewhere ? null : places.at(point)
  if (address.district === null && around !== null) address = read(around.district)
  const district = address.district
  const village = district === null ? null : villageOf(values, source, address, district, around, places)
  return { text, address, district, village, point, flags }
}

function villageOf(
  values: Record<string, string>,
  source: Source,
  address: Address,
  district: string,
  around: Village | null,
  places: Places,
): Village | null {
  const column = source.columns.village
  // The column may list all villages served (`龍光里;永功里;…`): only a single one tells the place.
  const told = column === undefined ? [] : plain(values[column]!).split(';').filter(Boolean)
  const name = address.village ?? (told.length === 1 ? told[0]! : null)
  const named = name === null ? null : places.named(district, name)
  return named ?? (around?.district === district ? around : null)
}

function pointOf(values: Record<string, string>, flags: Flag[]): Point | null {
  const [lat, lon] = [values.lat?.trim() ?? '', values.lon?.trim() ?? '']
  const point = { latitude: Number(lat), longitude: Number(lon) }
  const { latitude, longitude } = point
  const kept = 'kept, but out of distance matching unless another list places the unit'
  if (lat === '' || lon === '') {
    flags.push({ field: 'lat', reason: `no coordinates: ${kept}` })
    return null
  }
  const inside = latitude > BOX.south && latitude < BOX.north && longitude > BOX.west && longitude < BOX.east
  if (!inside) flags.push({ field: 'lat', reason: `coordinates ${lat},${lon} outside the city: ${kept}` })
  return inside ? point : null
}
