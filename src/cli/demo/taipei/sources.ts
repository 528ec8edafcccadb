/**
 * The city's lists, declared: which columns they have, what kind of unit a row names, and which
 * services follow from it. Order matters: a list that publishes more about a unit comes first, and
 * later lists of the same `kin` merge into it.
 */
import type { Mode } from '../../../features/catalog/schemas.ts'
import type { TermName } from '../terms.ts'

export type CapacityRule =
  /** Published places, each open `days` days a month. */
  | { kind: 'places'; column: string; days: number }
  /** Published beds: one bed is one month of stay. */
  | { kind: 'beds'; column: string }
  /** A published range of places (`20-29人`): its lower end. */
  | { kind: 'range'; column: string; days: number }
  /** Published half-days a week (`4-5時段`, lower end), with an assumed number of seats. */
  | { kind: 'sessions'; column: string; seats: number }
  /** Published opening times (`周一至周五全日`), with an assumed number of seats. */
  | { kind: 'timetable'; column: string; seats: number }
  /** A legal maximum of places that every such unit is assumed to reach. */
  | { kind: 'legal'; places: number; days: number }

export interface Service {
  term: TermName
  mode?: Mode
  /** New Taiwan dollars, where this kind of unit differs from the term's price. */
  price?: number
  /** A column whose text states the price. */
  priceIn?: { column: string; pattern: RegExp }
  /** Only rows whose column matches (or, with `not`, does not match). */
  when?: { column: string; matches: RegExp; not?: boolean }
  capacity?: CapacityRule
  /**
   * `district`: where the list names no area, the station's own (assumed: home visits, a pick-up
   * service, beds, hospitals). `distance`: by distance, whatever the list says of whom it admits.
   */
  area?: 'district' | 'distance'
}

export interface Source {
  file: string
  /** Rows of one kin name units of one kind: the same unit in two lists becomes one. */
  kin: string
  columns: {
    name: string
    address: string
    district?: string
    village?: string
    served?: string
    villages?: string
    ownership?: string
    /** End of contract (yyyymmdd) and opening hours, blank once closed. */
    ended?: string
    hours?: string
  }
  services: Service[]
  /** An earlier or rawer list: a unit found only here is kept and flagged. */
  secondary?: boolean
}

const CIVIL = 'csv/台北市政府社會局'
const HEALTH = 'csv/台北市政府衛生局'
const CONTRACT = `${HEALTH}/臺北市政府衛生局長照2.0`
const HOMES = `${CIVIL}/臺北市老人福利機構名冊1140201_coord`

const BEDS = '核定床數-核定總床位數'
const WORKDAYS = 22

const C_COLUMNS = { name: '據點名稱', address: '據點地址', district: '行政區', village: '里別' }

const C_SERVICES: Service[] = [{ term: 'prevention' }, { term: 'meal' }]

const CONTRACT_COLUMNS = { name: '機構名稱', address: '機構(服務)地址', served: '服務區別' }

const THERAPY_COLUMNS = { name: '機構名稱', address: '機構(服務)地址', served: '服務區域' }

const HOME_COLUMNS = {
  name: '機構名稱',
  address: '地址',
  district: '區域別',
  ownership: '屬性',
}

const HOME_SERVICES: Service[] = [
  { term: 'residential_care', area: 'district', capacity: { kind: 'beds', column: BEDS } },
]

const MEDICAL_COLUMNS = { name: '醫療院所', address: '地址', district: '鄉鎮市區' }

/** Every CSV file of the city, in reading order. */
export const SOURCES: readonly Source[] = [
  {
    file: 'csv/114年臺北市社區整體照顧服務體系C級單位一覽表_coord.csv',
    kin: 'station',
    columns: C_COLUMNS,
    services: C_SERVICES,
  },
  {
    file: `${CIVIL}/114年臺北市社區整體照顧服務體系C級單位一覽表_coord.csv`,
    kin: 'station',
    columns: C_COLUMNS,
    services: C_SERVICES,
  },
  {
    file: `${CONTRACT}巷弄長照站喘息(C+)(GA07)及巷弄長照站短照(SC07)服務 單位一覽表_25_coord.csv`,
    kin: 'station',
    columns: CONTRACT_COLUMNS,
    services: [{ term: 'respite_station', area: 'distance' }],
  },
  {
    file: 'csv/臺北市政府社會局114年度社區照顧關懷據點辦理社區喘息服務(C+單位)一覽表_coord.csv',
    kin: 'station',
    columns: C_COLUMNS,
    services: [{ term: 'respite_station', area: 'distance' }],
  },
  {
    file: `${CIVIL}/114年度臺北市社區照顧關懷據點㇐覽表_coord.csv`,
    kin: 'care_point',
    columns: C_COLUMNS,
    services: [
      {
        term: 'social_activity',
        when: { column: '據點類型', matches: /樂齡學堂/, not: true },
        capacity: { kind: 'sessions', column: '據點類型', seats: 15 },
      },
      { term: 'learning_class', when: { column: '據點類型', matches: /樂齡學堂/ } },
      {
        term: 'friendly_visit',
        when: { column: '據點類型', matches: /樂齡學堂/, not: true },
        area: 'distance',
      },
    ],
  },
  {
    file: 'csv/據點清單名冊_coord.csv',
    kin: 'care_point',
    columns: { name: '申請單位名稱', address: '地址', district: '鄉/鎮/市/區', village: '服務村里' },
    services: [{ term: 'social_activity' }],
    secondary: true,
  },
  {
    file: 'csv/據點資料-社區照顧關懷網_coord.csv',
    kin: 'care_point',
    columns: { name: '據點名稱', address: '據點地址' },
    services: [{ term: 'social_activity' }],
    secondary: true,
  },
  {
    file: 'csv/1130902原住民族委員會文化健康站清冊2_coord.csv',
    kin: 'cultural_station',
    columns: { name: '文健站', address: '地址', district: '行政區' },
    services: [{ term: 'social_activity', capacity: { kind: 'range', column: '核定額度', days: WORKDAYS } }],
  },
  {
    file: `${HEALTH}/臺北市社區整合型服務中心(A單位)一覽表_coord.csv`,
    kin: 'center',
    columns: { name: '單位名稱', address: '服務地址/聯絡電話', served: '行政區', villages: '服務區域' },
    services: [{ term: 'case_management' }],
  },
  {
    file: 'csv/臺北市日間照顧機構一覽表_coord.csv',
    kin: 'day_center',
    columns: { name: '機關名稱', address: '地址', district: '區別' },
    services: [
      { term: 'day_care', area: 'district', capacity: { kind: 'places', column: '收託量', days: WORKDAYS } },
    ],
  },
  {
    file: 'csv/臺北市社區式長照機構(長者日間照顧及小規模多機能)清冊一覽表_小規模多機能_coord.csv',
    kin: 'day_center',
    columns: { name: '單位名稱', address: '地址', district: '行政區' },
    services: [{ term: 'day_care', area: 'district' }],
  },
  {
    // A contract for respite in day care (GA03) is given to day-care centers only.
    file: `${CONTRACT}社區式喘息(GA03_GA04_GA06)及社區式短照(SC03_SC04_SC06)服務單位一覽表_41_coord.csv`,
    kin: 'day_center',
    columns: CONTRACT_COLUMNS,
    services: [
      { term: 'day_care', area: 'district' },
      { term: 'respite_day', when: { column: 'GA03', matches: /V/ } },
    ],
  },
  {
    file: 'csv/臺北市社區長照機構（家庭托顧）名冊一覽表_coord.csv',
    kin: 'family_day_care',
    columns: { name: '家托機構名稱', address: '家托機構地址' },
    services: [
      {
        term: 'day_care',
        area: 'district',
        price: 760,
        capacity: { kind: 'legal', places: 4, days: WORKDAYS },
      },
    ],
  },
  {
    file: 'csv/114年度臺北市失智社區服務據點布建清單_coord.csv',
    kin: 'dementia_point',
    columns: { name: '服務單位名稱', address: '據點地址', district: '行政區' },
    services: [{ term: 'dementia_support', capacity: { kind: 'timetable', column: '開辦時間', seats: 12 } }],
  },
  {
    file: 'csv/114年度臺北市居家服務機構一覽表_coord.csv',
    kin: 'home_care',
    columns: { name: '單位名稱', address: '立案地址', served: '特約服務區域' },
    services: [{ term: 'home_care' }],
  },
  {
    file: `${CONTRACT}居家式喘息(GA09)及居家式短照(SC09)服務單位一覽表_142_coord.csv`,
    kin: 'home_care',
    columns: CONTRACT_COLUMNS,
    services: [{ term: 'respite_home' }],
  },
  { file: `${HOMES}.csv`, kin: 'care_home', columns: HOME_COLUMNS, services: HOME_SERVICES },
  ...['安養', '長照', '養護'].map((part) => ({
    file: `${HOMES}_${part}.csv`,
    kin: 'care_home',
    columns: HOME_COLUMNS,
    services: HOME_SERVICES,
  })),
  {
    file: 'csv/臺北市公辦民營老人福利機構一覽表_coord.csv',
    kin: 'care_home',
    columns: { name: '機構名稱', address: '地址' },
    services: [
      {
        term: 'residential_care',
        area: 'district',
        priceIn: { column: '收費標準', pattern: /養護[:：費]*\s*([\d,]+)元/ },
      },
    ],
  },
  {
    file: `${HEALTH}/臺北市立案住宿式長照機構一覽表_coord.csv`,
    kin: 'care_home',
    columns: { name: '機構名稱', address: '地址' },
    services: [
      { term: 'residential_care', area: 'district', capacity: { kind: 'beds', column: '開放床數' } },
    ],
  },
  {
    file: `${HEALTH}/臺北市立案一般護理之家一覽表_coord.csv`,
    kin: 'care_home',
    columns: { name: '機構名稱', address: '地址' },
    services: [{ term: 'nursing_home', area: 'district', capacity: { kind: 'beds', column: '開放床數' } }],
  },
  {
    file: 'csv/團體家屋_coord.csv',
    kin: 'care_home',
    columns: { name: '名稱', address: '地址' },
    services: [
      { term: 'residential_care', area: 'district', capacity: { kind: 'legal', places: 9, days: 1 } },
    ],
  },
  {
    file: `${CONTRACT}住宿式喘息(GA05)及住宿式短照(SC05)服務單位一覽表_66_coord.csv`,
    kin: 'care_home',
    columns: CONTRACT_COLUMNS,
    services: [{ term: 'respite_stay' }],
  },
  {
    file: 'csv/家庭照顧支持性服務資源列表_coord.csv',
    kin: 'caregiver_point',
    columns: { name: '服務單位名稱', address: '據點地址' },
    services: [{ term: 'caregiver_support' }],
  },
  {
    file: 'csv/112年12月醫療院所分布圖_全國_醫院_coord.csv',
    kin: 'hospital',
    columns: MEDICAL_COLUMNS,
    services: [{ term: 'specialist_visit', area: 'district' }],
  },
  {
    file: 'csv/112年12月醫療院所分布圖_全國_診所_coord.csv',
    kin: 'clinic',
    columns: MEDICAL_COLUMNS,
    services: [
      { term: 'dental_visit', when: { column: '醫療院所', matches: /牙/ } },
      { term: 'traditional_medicine', when: { column: '醫療院所', matches: /中醫/ } },
      { term: 'clinic_visit', when: { column: '醫療院所', matches: /牙|中醫/, not: true } },
    ],
  },
  {
    file: 'csv/健保特約醫事機構-藥局_coord.csv',
    kin: 'pharmacy',
    columns: { name: '醫事機構名稱', address: '地址', ended: '終止合約或歇業日期', hours: '固定看診時段' },
    services: [{ term: 'medication_review' }],
  },
  {
    file: 'csv/台灣物理治療所地圖_臺北市_coord.csv',
    kin: 'physical_therapy',
    columns: { name: '機構名稱', address: '地址' },
    services: [
      { term: 'physical_therapy', when: { column: '機構類別', matches: /居家/, not: true } },
      {
        term: 'physical_therapy',
        when: { column: '機構類別', matches: /居家/ },
        mode: 'home',
        price: 1500,
        area: 'district',
      },
    ],
  },
  {
    file: 'csv/臺北市居家護理所一覽表_coord.csv',
    kin: 'home_nursing',
    columns: { name: '機構名稱', address: '地址' },
    services: [{ term: 'home_nursing', area: 'district' }],
  },
  {
    file: 'csv/居家職能治療所_coord.csv',
    kin: 'occupational_therapy',
    columns: THERAPY_COLUMNS,
    services: [{ term: 'occupational_therapy' }],
  },
  {
    file: 'csv/居家語言治療所_coord.csv',
    kin: 'speech_therapy',
    columns: THERAPY_COLUMNS,
    services: [{ term: 'speech_therapy' }],
  },
  {
    file: 'csv/居家呼吸照護所_coord.csv',
    kin: 'respiratory_care',
    columns: THERAPY_COLUMNS,
    services: [{ term: 'respiratory_care' }],
  },
  {
    // The contract names home visits, and every district.
    file: 'csv/心理諮商所_coord.csv',
    kin: 'counseling',
    columns: THERAPY_COLUMNS,
    services: [{ term: 'counseling', mode: 'home' }],
  },
]
