/**
 * What the generated town is calibrated on: figures of the twelve districts of Taipei, counted from
 * open data of the Taiwan government (data.gov.tw, data.taipei), Open Government Data License,
 * version 1.0: residents by village and age, December 2024 (Ministry of the Interior); income of tax
 * units by village (Ministry of Finance, thousand NT$ a year); care units (Taipei City Departments of
 * Social Welfare and of Health, 2025); clinics and hospitals (Ministry of Health and Welfare, 2023);
 * pharmacies (National Health Insurance Administration).
 */

export interface DistrictFigures {
  villages: number
  residents: number
  /** Residents aged 65 and over. */
  elderly: number
  /** Median over the villages of their median income. */
  income: number
  stations: number
  carePoints: number
  centers: number
  homeCareAgencies: number
  careHomes: number
  clinics: number
  pharmacies: number
}

type Columns = [number, number, number, number, number, number, number, number, number, number, number]

function figures(...columns: Columns): DistrictFigures {
  const [villages, residents, elderly, income, stations, carePoints, centers, ...rest] = columns
  const [homeCareAgencies, careHomes, clinics, pharmacies] = rest
  const people = { villages, residents, elderly, income }
  return { ...people, stations, carePoints, centers, homeCareAgencies, careHomes, clinics, pharmacies }
}

/** Clinics count dentists and Chinese medicine; care homes count nursing homes. Units by their address. */
// biome-ignore format: a table reads best with one district per line
export const TAIPEI_DISTRICTS: Readonly<Record<string, DistrictFigures>> = {
  信義區: figures(41, 205067, 51320, 544, 33, 57, 4, 9, 4, 309, 84),
  大安區: figures(53, 289908, 72468, 716, 36, 76, 7, 19, 7, 916, 99),
  中山區: figures(42, 215245, 51973, 573, 19, 54, 7, 16, 10, 520, 94),
  中正區: figures(31, 148375, 33645, 673, 18, 30, 4, 12, 5, 294, 62),
  大同區: figures(25, 118992, 27379, 508, 17, 39, 5, 8, 13, 165, 33),
  萬華區: figures(36, 171915, 43334, 457, 20, 44, 7, 13, 8, 179, 55),
  文山區: figures(43, 258333, 54449, 593, 30, 60, 5, 11, 18, 204, 63),
  南港區: figures(20, 112643, 23671, 525, 19, 30, 3, 4, 4, 88, 36),
  內湖區: figures(39, 273748, 52695, 598, 21, 37, 5, 2, 8, 284, 73),
  士林區: figures(51, 264194, 63863, 538, 29, 53, 4, 8, 14, 321, 96),
  北投區: figures(42, 240623, 53565, 525, 26, 63, 6, 9, 27, 203, 71),
  松山區: figures(33, 191826, 46096, 650, 24, 45, 6, 13, 5, 318, 74),
}

/** Shape of the whole city. */
export const TAIPEI = {
  population: { age0to14: 303_025, age15to64: 1_613_386, age65up: 574_458 },
  /** Residents aged 65–69, 70–74, 75–79, 80–84, 85 and over. */
  elderlyByBand: [185_515, 164_245, 98_320, 64_045, 62_333] as const,
  villages: 456,
  /** Village medians of income: least, quarter, half, three quarters, most (thousand NT$). */
  incomeMedians: [360, 503, 568, 643, 1038] as const,
  /** First and third quartile of a typical village over its median. */
  incomeSpread: { first: 0.44, third: 2.14 },
  /** Residents aged 65 and over per village: least, tenth, half, nine tenths, most. */
  elderlyPerVillage: [184, 750, 1234, 1837, 2573] as const,
  /** Units in the whole city of the kinds too few to count by district. */
  units: {
    dayCare: 59,
    respiteDay: 41,
    respiteStation: 29,
    respiteStay: 41,
    respiteHome: 129,
    dementia: 52,
    learning: 56,
    caregiver: 4,
    hospitals: 41,
    physicalTherapy: 118,
    homeNursing: 51,
    occupationalTherapy: 12,
    speechTherapy: 2,
    respiratoryCare: 1,
    counseling: 2,
  },
} as const
