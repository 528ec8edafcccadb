/**
 * Villages from three map files: residents in three age classes, residents in five-year bands, and
 * the income of tax units. They are joined by district and village name, since each agency numbers
 * villages its own way.
 */
import { largestRingCentroid, type Ring } from '../../../features/communities/geometry.ts'
import { clearestName, takeByName } from '../../../features/communities/lost-characters.ts'
import type { FileReport, QuarantineEntry, Village } from '../district.ts'
import type { PlacedVillage } from './places.ts'

export const VILLAGE_FILES = {
  classes: 'geojson/113年12月行政區三段年齡組性別人口統計_村里_WGS84_臺北市.geojson',
  bands: 'geojson/113年12月行政區五歲年齡組性別人口統計_村里_WGS84_臺北市.geojson',
  income: 'geojson/臺北市_村里_綜稅綜合所得總額.geojson',
} as const

interface Feature {
  line: number
  district: string
  name: string
  properties: Record<string, unknown>
  rings: Ring[]
}

export interface VillageReading {
  placed: PlacedVillage[]
  files: FileReport[]
  quarantine: QuarantineEntry[]
}

/** Joins the three files; what cannot be joined is listed, never guessed in silence. */
export function readVillages(read: (file: string) => string): VillageReading {
  const reading: VillageReading = { placed: [], files: [], quarantine: [] }
  const classes = featuresOf(read, VILLAGE_FILES.classes, ['TOWN', 'VILLAGE'], reading)
  const bands = byVillage(featuresOf(read, VILLAGE_FILES.bands, ['TOWN', 'VILLAGE'], reading))
  const income = byVillage(featuresOf(read, VILLAGE_FILES.income, ['TNAME', 'VNAME'], reading))
  for (const feature of classes) {
    const placed = joined(feature, bands, income, reading)
    if (placed === null) continue
    reading.placed.push(placed)
  }
  for (const [file, rest] of [
    [VILLAGE_FILES.bands, bands] as const,
    [VILLAGE_FILES.income, income] as const,
  ]) {
    for (const feature of rest.values())
      refuse(reading, file, feature, 'no village of this name has a population')
  }
  return reading
}

function joined(
  feature: Feature,
  bands: Map<string, Feature>,
  income: Map<string, Feature>,
  reading: VillageReading,
): PlacedVillage | null {
  const counts = takeByName(bands, feature.district + feature.name)
  const money = takeByName(income, feature.district + feature.name)
  const missing = counts === null ? 'five-year bands' : money === null ? 'income' : null
  if (counts === null || money === null) {
    refuse(reading, VILLAGE_FILES.classes, feature, `the village has no ${missing}`)
    return null
  }
  const name = clearestName([feature.name, counts.name, money.name])
  if (name !== feature.name) {
    reading.quarantine.push({
      file: VILLAGE_FILES.classes,
      line: feature.line,
      field: 'VILLAGE',
      reason: `the name ${feature.name} holds an unreadable character; read as ${name} from the income file`,
      outcome: 'kept',
    })
  }
  const village = villageOf(feature, counts, money, name)
  if (village === null)
    refuse(reading, VILLAGE_FILES.classes, feature, 'a count or an income is not a number')
  return village === null ? null : { village, rings: feature.rings }
}

function villageOf(feature: Feature, counts: Feature, money: Feature, name: string): Village | null {
  const sum = (...columns: string[]): number =>
    columns.reduce((total, column) => total + figure(counts, `${column}_CNT`), 0)
  const village: Village = {
    code: String(feature.properties.V_ID),
    name,
    district: feature.district,
    ...largestRingCentroid(feature.rings),
    population: {
      age0to14: figure(feature, 'A0A14_CNT'),
      age15to64: figure(feature, 'A15A64_CNT'),
      age65up: figure(feature, 'A65UP_CNT'),
    },
    elderlyByBand: [
      sum('A65A69'),
      sum('A70A74'),
      sum('A75A79'),
      sum('A80A84'),
      sum('A85A89', 'A90A94', 'A95A99', 'A100UP_5'),
    ],
    income: {
      firstQuartile: figure(money, '第一分位數'),
      median: figure(money, '中位數'),
      thirdQuartile: figure(money, '第三分位數'),
    },
  }
  const figures = [
    ...Object.values(village.population),
    ...village.elderlyByBand,
    ...Object.values(village.income),
  ]
  return figures.every((value) => Number.isFinite(value) && value >= 0) ? village : null
}

function figure(feature: Feature, column: string): number {
  const value = feature.properties[column]
  return typeof value === 'number' ? value : Number.NaN
}

function byVillage(features: Feature[]): Map<string, Feature> {
  return new Map(features.map((feature) => [feature.district + feature.name, feature]))
}

function refuse(reading: VillageReading, file: string, feature: Feature, reason: string): void {
  reading.quarantine.push({ file, line: feature.line, field: null, reason, outcome: 'refused' })
  const report = reading.files.find((entry) => entry.file === file)!
  report.imported -= 1
  report.refused += 1
}

/** Features in file order. These files hold one feature a line, which gives each its line number. */
function featuresOf(
  read: (file: string) => string,
  file: string,
  [districtColumn, nameColumn]: [string, string],
  reading: VillageReading,
): Feature[] {
  const report: FileReport = { file, rows: 0, imported: 0, merged: 0, refused: 0, outOfScope: 0 }
  reading.files.push(report)
  const features: Feature[] = []
  for (const [index, text] of read(file).split('\n').entries()) {
    if (!/^\s*\{\s*"type":\s*"Feature"/.test(text)) continue
    report.rows += 1
    const feature = featureIn(text, index + 1, districtColumn, nameColumn)
    if (feature === null) {
      report.refused += 1
      const reason = 'not a readable polygon feature with a district and a village name'
      reading.quarantine.push({ file, line: index + 1, field: null, reason, outcome: 'refused' })
      continue
    }
    report.imported += 1
    features.push(feature)
  }
  return features
}

function featureIn(text: string, line: number, districtColumn: string, nameColumn: string): Feature | null {
  try {
    const { properties, geometry } = JSON.parse(text.replace(/,\s*$/, ''))
    const polygons: Ring[][] = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
    const rings = polygons.map((polygon) => polygon[0]!)
    const district = properties[districtColumn]
    const name = properties[nameColumn]
    const sound = typeof district === 'string' && typeof name === 'string' && rings[0]![0]!.length >= 2
    return sound ? { line, district, name, properties, rings } : null
  } catch {
    return null
  }
}
