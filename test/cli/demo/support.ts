import type { District, DistrictResident } from '../../../src/cli/demo/district.ts'
import { straightMeters } from '../../../src/features/communities/reach.ts'

/** Share of needs met by handing out places in order, money aside: what capacity and reach allow at least. */
export function greedyShare(district: District, residents: readonly DistrictResident[]): number {
  const left = new Map(district.offerings.map((offering) => [offering.ref, offering.capacity]))
  const stations = new Map(district.stations.map((station) => [station.ref, station]))
  const villages = new Map(district.villages.map((village) => [village.code, village]))
  const speeds = { independent: 1.2, slow: 0.8, homebound: 0 }
  let met = 0
  let asked = 0
  for (const resident of residents) {
    const village = villages.get(resident.villageCode)!
    for (const need of resident.needs) {
      asked += 1
      const best = district.offerings.find((offering) => {
        if (offering.term !== need.term || left.get(offering.ref)! < need.quantity) return false
        if (offering.serviceVillages.length > 0) return offering.serviceVillages.includes(village.code)
        if (offering.serviceDistricts.length > 0) return offering.serviceDistricts.includes(village.district)
        const { point } = stations.get(offering.stationRef)!
        const meters = offering.mode === 'home' ? 1_200 : (speeds[resident.mobility] * 900) / 1.3
        return point !== null && straightMeters(point, resident.point) <= meters
      })
      if (best === undefined) continue
      left.set(best.ref, left.get(best.ref)! - need.quantity)
      met += 1
    }
  }
  return met / asked
}
