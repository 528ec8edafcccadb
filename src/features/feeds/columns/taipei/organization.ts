/** Who stands behind a unit, told from its name: the files have no column for the organization. */
import type { Sector } from '../../../identity/schemas.ts'
import { plain } from './address.ts'

/** Words that separate the organization from the unit it runs. */
const BRANCH = /附設|受託|受經營委託|委託|經營管理|承辦|辦理/

// 「臺北市立心…基金會」 is a foundation of that name, not a municipal body.
const GOVERNMENT =
  /政府|市立(?!心)|國立|公立|公設|公辦|里辦公處|榮民總醫院|三軍總醫院|衛生福利部|榮譽國民之家|老人服務(?:中心|暨)|(?<!私立.*)國(?:民)?(?:小|中)|區公所/

/** A body of many branches, each written its own way. */
const CITY_HOSPITAL = '臺北市立聯合醫院'

const NGO =
  /財團法人|社團法人|協會|協進會|學會|基金會|教會|教堂|靈糧堂|浸信會|社區發展|慈善|慈濟|紅十字|紅心字|佛教|基督|聖公會|信義會|促進會|互助會|聯盟|愛愛院|工會|長青會|同鄉會|宗親|福利會|文化健康站|大學|學校|高級中學|養護中心基金/

/** The organization's name: what stands before "attached to", "entrusted to" and the like. */
export function organizationOf(unit: string): string {
  const bare = plain(unit)
    .replace(/【.*?】/g, '')
    .replace(/\(.*?\)/g, '')
    .replace(/-?\d站$/, '')
  if (bare.startsWith(CITY_HOSPITAL)) return CITY_HOSPITAL
  const [head] = bare.split(BRANCH)
  const name = (head ?? '').replace(/[-─、,.]+$/, '')
  return name.length >= 2 ? name : bare || plain(unit)
}

/** Government, NGO or market, from the name and the list's own ownership column. */
export function sectorOf(unit: string, ownership = ''): Sector {
  const owner = organizationOf(unit)
  if (GOVERNMENT.test(plain(ownership)) || GOVERNMENT.test(owner)) return 'government'
  // A scheme of the city run by others: 「臺北市…老人服務中心(財團法人…受託經營)」.
  if (/受託|委託/.test(unit) && GOVERNMENT.test(plain(unit))) return 'government'
  return NGO.test(owner) ? 'ngo' : 'market'
}
