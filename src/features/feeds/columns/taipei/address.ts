/**
 * Addresses of the city's files in one form. The same door is written with full-width digits, Chinese
 * numerals, a postal code, a stray bracket, a neighborhood number, 之 or a hyphen; compared as text,
 * only 206 of the care points' addresses are found again in the list of C-level stations.
 */

/** Districts as the files misprint them: simplified characters, and look-alikes of scanned lists. */
const MISREAD: Readonly<Record<string, string>> = { 土林: '士林', 黃華: '萬華', 大門: '大同' }

/** Compatibility characters that Unicode normalization leaves alone. */
const VARIANTS: ReadonlyMap<string, string> = new Map([
  ['台', '臺'],
  ['区', '區'],
  ['⻑', '長'],
  ['⻄', '西'],
  ['⺠', '民'],
  ['ㄧ', '一'],
  ['㇐', '一'],
  ['〇', '零'],
  ['~', '-'],
  ['—', '-'],
])

const VARIANT = /[台区⻑⻄⺠ㄧ㇐〇~—]/g

const ELSEWHERE = /^(?!臺北)..[市縣]/

const NUMERAL = /[零一二三四五六七八九十百]+(?=段|巷|弄|號|樓|鄰|之|-|F)/g

/** One spelling for texts that differ in width, variants and spaces only. */
export function plain(text: string): string {
  return text
    .normalize('NFKC')
    .replace(VARIANT, (character) => VARIANTS.get(character)!)
    .replace(/[\s「」]/g, '')
}

/** Whether a district's name in a file is a misprint, and of which. */
export function misreadDistrict(text: string): { read: string; meant: string } | null {
  const bare = plain(text)
    .replace(/^臺北市/, '')
    .slice(0, 2)
  const meant = MISREAD[bare]
  return meant === undefined ? null : { read: bare, meant }
}

/** The district's full name (`大安區`) if the text names one of the known districts. */
export function districtIn(text: string, districts: readonly string[]): string | null {
  const bare = correct(plain(text))
  if (ELSEWHERE.test(bare)) return null
  const start = bare.replace(/^臺北市/, '')
  return districts.find((name) => start.startsWith(name) || start === name.slice(0, -1)) ?? null
}

/** Drops a postal code, and puts a misprinted district right. */
function correct(bare: string): string {
  return corrected(bare.replace(/^\d{3,6}(\.0)?(?=\D)/, ''))
}

function corrected(bare: string): string {
  const city = bare.startsWith('臺北市') ? '臺北市' : ''
  const rest = bare.replace(/^(臺北市)+/, '')
  const meant = MISREAD[rest.slice(0, 2)]
  return city + (meant === undefined ? rest : meant + rest.slice(2))
}

export interface Address {
  district: string | null
  /** Village named in the text, `臥龍里`. */
  village: string | null
  /** The same for every spelling of one address, floor included. */
  key: string
  /** The key without the floor: the door on the street. */
  door: string
  /** The text names another city. */
  elsewhere: boolean
}

/** What tells whether a village is known: a set of names, or the form of a name. */
interface Names {
  has(name: string): boolean
}

/** Takes an address apart. `fallback` is the district told in a column of its own. */
export function readAddress(
  text: string,
  fallback: string | null,
  villagesOf: (district: string) => Names,
  districts: readonly string[],
): Address {
  const bare = correct(plain(text))
  const elsewhere = ELSEWHERE.test(bare)
  const district = elsewhere ? null : (districtIn(text, districts) ?? fallback)
  let rest = bare.replace(/^臺北市/, '')
  if (district !== null && rest.startsWith(district)) rest = rest.slice(district.length)
  const village = district === null ? null : leadingVillage(rest, villagesOf(district))
  if (village !== null) rest = rest.slice(village.length)
  // Some lists repeat the city and district after the village.
  rest = corrected(rest).replace(/^臺北市/, '')
  if (district !== null && rest.startsWith(district)) rest = rest.slice(district.length)
  rest = street(rest)
  const key = rest === '' ? '' : `${district ?? ''}${rest}`
  return { district, village, key, door: key.replace(/^(.*?\d號(?:-\d+)?).*$/, '$1'), elsewhere }
}

function leadingVillage(rest: string, villages: Names): string | null {
  for (const length of [3, 4, 2]) {
    const head = rest.slice(0, length)
    if (villages.has(head)) return head
  }
  return null
}

function street(rest: string): string {
  return rest
    .replace(/^\d{1,3}鄰,?/, '')
    .replace(NUMERAL, (numeral) => String(chineseNumber(numeral)))
    .replace(/^\d{1,3}鄰,?/, '')
    .replace(/\(.*?\)/g, '')
    .replace(/之/g, '-')
    .replace(/F(?=$|[^A-Za-z\d])/g, '樓')
    .replace(/,/g, '、')
}

/** Chinese numerals up to 999, also digit by digit (`一五一`). */
function chineseNumber(text: string): number {
  const digit = (character: string): number => '零一二三四五六七八九'.indexOf(character)
  if (!/[十百]/.test(text)) return Number([...text].map(digit).join(''))
  const [, hundreds, rest] = /^(?:(.?)百)?(.*)$/.exec(text)!
  const [, tens, ones] = /^(?:(.?)十)?零?(.?)$/.exec(rest ?? '') ?? []
  const hundred = text.includes('百') ? Math.max(1, digit(hundreds || '一')) : 0
  const ten = (rest ?? '').includes('十') ? digit(tens || '一') : 0
  return hundred * 100 + ten * 10 + (ones ? digit(ones) : 0)
}
