/** Fits a district's supply to the sample of its residents that the demo draws. */
import type { District, DistrictOffering, DistrictResident } from './district.ts'
import { seededRandom, seedOf } from './random.ts'
import { termOf } from './terms.ts'

/**
 * Scales capacities by the sample's share of the residents aged 65 and over. A drawn sample must not
 * meet the whole district's supply, and a hundredth of every provider would be places too small to use
 * (twenty hours of home care from an agency left with four). So each term's scaled total is handed out
 * in whole parcels, a parcel being the most one resident takes (or several), to providers drawn in proportion
 * to their capacity: systematic sampling with a seeded start, in list order, which keeps the spread over
 * the district. An offering without a parcel stays, with capacity 0.
 */
export function scaleToSample(district: District, residents: readonly DistrictResident[]): District {
  const elderly = district.villages.reduce((sum, village) => sum + village.population.age65up, 0)
  const share = elderly === 0 ? 0 : residents.length / elderly
  if (share >= 1) return district
  const byTerm = groupedByTerm(district.offerings)
  const capacities = new Map<string, number>()
  for (const [term, offerings] of byTerm) {
    const parcel = parcelOf(term, offerings)
    let reached = seededRandom(seedOf(`${district.key}|${term}`)).next()
    for (const offering of offerings) {
      const next = reached + (offering.capacity * share) / parcel
      capacities.set(offering.ref, (Math.floor(next) - Math.floor(reached)) * parcel)
      reached = next
    }
  }
  return {
    ...district,
    offerings: district.offerings.map((offering) => ({
      ...offering,
      capacity: capacities.get(offering.ref)!,
    })),
    assumptions: [
      ...district.assumptions,
      `Capacities are scaled to the drawn residents' share of those aged 65 and over (${(100 * share).toFixed(2)} %), in whole parcels.`,
    ],
  }
}

/** Parcels of a service that reaches its whole area: fewer providers with room for several residents each. */
const RESIDENTS_PER_AREA_PARCEL = 8

/**
 * People walk to the rest, so its parcels stay small and near. Where the provider comes, or fetches, small parcels
 * would only leave an agency with hours for one resident and a remainder that fits nobody.
 */
export function parcelOf(term: string, offerings: readonly DistrictOffering[]): number {
  const most = termOf(term)?.parcel ?? 1
  const reachesItsArea = offerings.some(({ serviceDistricts }) => serviceDistricts.length > 0)
  return reachesItsArea ? most * RESIDENTS_PER_AREA_PARCEL : most
}

function groupedByTerm(offerings: readonly DistrictOffering[]): Map<string, DistrictOffering[]> {
  const groups = new Map<string, DistrictOffering[]>()
  for (const offering of offerings) {
    const group = groups.get(offering.term)
    if (group === undefined) groups.set(offering.term, [offering])
    else group.push(offering)
  }
  return groups
}
