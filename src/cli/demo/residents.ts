/**
 * Draws residents aged 65 and over from village counts. Who lives where and how old is from published
 * counts; everything else about a person is drawn by the assumed rates below.
 */

import { moved } from '../../features/communities/geometry.ts'
import { coarsePoint } from '../../features/residents/coarse-point.ts'
import type { District, DistrictResident, Village } from './district.ts'
import { drawNeeds, type Person } from './needs.ts'
import { type Random, seededRandom, seedOf } from './random.ts'
import { ntd } from './terms.ts'

/** Ages are as of the year of the population counts. */
export const COUNT_YEAR = 2024

/**
 * Share entitled to long-term care (level 2 and over), by band 65–69 … 85+. Steep with age, about 13 %
 * of those aged 65 and over together: the need rate that Taiwan's Ministry of Health and Welfare
 * plans with (LTC 2.0 statistics).
 */
const ENTITLED = [0.04, 0.07, 0.13, 0.23, 0.46] as const

/** Frail but not entitled (level 1), same bands; assumed. */
const FRAIL = [0.03, 0.05, 0.09, 0.14, 0.18] as const

/** Levels 2 … 8 among the entitled; assumed, milder levels more frequent. */
const LEVELS = [0.2, 0.17, 0.18, 0.14, 0.12, 0.11, 0.08] as const

/** Living alone by band; assumed around the one in eight of Taiwan's housing surveys. */
const ALONE = [0.1, 0.12, 0.14, 0.17, 0.2] as const

/** Thousand NT$ a year, below which a tax unit counts as low and lower-middle income; assumed. */
const INCOME_LIMITS = { low: 80, lowerMiddle: 240 }

/** Own money for services a month in NT$ by income class, and what families add from level 2 and 5 on; assumed. */
const WALLETS = {
  low: { base: 1_200, entitled: 1_500, severe: 3_000 },
  lower_middle: { base: 2_500, entitled: 3_500, severe: 9_000 },
  general: { base: 5_000, entitled: 8_000, severe: 24_000 },
} as const

const BANDS = [65, 70, 75, 80, 85] as const

export interface DrawOptions {
  residents: number
  seed: number
}

/**
 * Draws exactly `residents` people. Villages and age bands get their share to the nearest person
 * (systematic sampling over village × band), the same for the same seed.
 */
export function drawResidents(district: District, { residents, seed }: DrawOptions): DistrictResident[] {
  const offered = new Set(district.offerings.map((offering) => offering.term))
  const start = seededRandom(seedOf('start', seed)).next()
  const cells = district.villages.flatMap((village) =>
    village.elderlyByBand.map((count, band) => ({ village, band, count })),
  )
  const total = cells.reduce((sum, cell) => sum + cell.count, 0)
  const drawn: DistrictResident[] = []
  let counted = 0
  for (const { village, band, count } of cells) {
    const from = Math.floor((counted * residents) / total + start)
    counted += count
    const to = Math.floor((counted * residents) / total + start)
    for (let index = from; index < to; index++) {
      drawn.push(drawResident(village, band, drawn.length + 1, seed, offered))
    }
  }
  return drawn
}

function drawResident(
  village: Village,
  band: number,
  number: number,
  seed: number,
  offered: ReadonlySet<string>,
): DistrictResident {
  // One generator a person: a change to one rate moves that person, not everybody after.
  const random = seededRandom(seedOf(`${village.code}|${band}|${number}`, seed))
  const age = ageIn(band, random)
  const careLevel = careLevelOf(band, random)
  const incomeClass = incomeClassOf(village, random)
  const { age: _age, ...person }: Person = {
    ref: `resident-${String(number).padStart(6, '0')}`,
    age,
    birthYear: COUNT_YEAR - age,
    villageCode: village.code,
    point: pointIn(village, random),
    mobility: mobilityOf(careLevel, age, random),
    careLevel,
    incomeClass,
    livesAlone: careLevel < 7 && random.chance(ALONE[band]!),
    languages: languagesOf(random),
    wallet: walletOf(incomeClass, careLevel, random),
  }
  return { ...person, needs: drawNeeds({ ...person, age }, offered, random) }
}

function ageIn(band: number, random: Random): number {
  const from = BANDS[band]!
  // The open band thins out: about one in eight of each year of age is gone the next year.
  if (band === 4) return Math.min(104, from + Math.floor(-7 * Math.log(1 - random.next())))
  return from + random.integer(0, 4)
}

function careLevelOf(band: number, random: Random): number {
  const draw = random.next()
  const level = 2 + random.weighted(LEVELS)
  if (draw < ENTITLED[band]!) return level
  return draw < ENTITLED[band]! + FRAIL[band]! ? 1 : 0
}

function mobilityOf(careLevel: number, age: number, random: Random): DistrictResident['mobility'] {
  const draw = random.next()
  if (careLevel >= 6) return draw < 0.85 ? 'homebound' : 'slow'
  if (careLevel >= 4) return draw < 0.35 ? 'homebound' : 'slow'
  if (careLevel >= 2) return draw < 0.05 ? 'homebound' : draw < 0.85 ? 'slow' : 'independent'
  const slow = careLevel === 1 ? 0.6 : age >= 80 ? 0.35 : 0.12
  return draw < slow ? 'slow' : 'independent'
}

/** Where an income of the village falls: its quartiles joined by straight lines. */
function incomeClassOf(village: Village, random: Random): DistrictResident['incomeClass'] {
  const draw = random.next()
  if (draw < shareBelow(INCOME_LIMITS.low, village)) return 'low'
  return draw < shareBelow(INCOME_LIMITS.lowerMiddle, village) ? 'lower_middle' : 'general'
}

function shareBelow(income: number, { income: quartiles }: Village): number {
  const { firstQuartile, median, thirdQuartile } = quartiles
  const knots = [0, firstQuartile, median, thirdQuartile]
  for (let index = 1; index < knots.length; index++) {
    const [from, to] = [knots[index - 1]!, knots[index]!]
    if (income <= to) return 0.25 * (index - 1 + (to > from ? (income - from) / (to - from) : 0))
  }
  return 0.75
}

/** Mandarin for nearly all; Taiwanese Hokkien and Hakka besides, roughly as in Taipei; assumed. */
function languagesOf(random: Random): string[] {
  const draw = random.next()
  if (draw < 0.05) return ['nan']
  if (draw < 0.5) return ['zh', 'nan']
  return draw < 0.55 ? ['zh', 'hak'] : ['zh']
}

function walletOf(incomeClass: DistrictResident['incomeClass'], careLevel: number, random: Random): number {
  const { base, entitled, severe } = WALLETS[incomeClass]
  const mean = base + (careLevel >= 2 ? entitled : 0) + (careLevel >= 5 ? severe : 0)
  const hundreds = Math.round((mean * Math.exp(0.35 * random.normal())) / 100)
  return ntd(100 * Math.max(1, hundreds))
}

/** Within about 150 m of the village's centroid for most: villages here are a few hundred meters wide. */
function pointIn(village: Village, random: Random): DistrictResident['point'] {
  return coarsePoint(moved(village, 130 * random.normal(), 130 * random.normal()))
}
