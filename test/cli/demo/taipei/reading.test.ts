/** The small readers, each on the spellings that the city's files really hold. */
import { describe, expect, test } from 'vitest'
import { halfDays } from '../../../../src/cli/demo/taipei/figures.ts'
import { districtsServed, villagesServed } from '../../../../src/cli/demo/taipei/service-area.ts'
import { readTable } from '../../../../src/cli/demo/taipei/table.ts'
import { readAddress } from '../../../../src/features/feeds/columns/taipei/address.ts'
import { organizationOf, sectorOf } from '../../../../src/features/feeds/columns/taipei/organization.ts'

const DISTRICTS = ['大安區', '士林區', '中正區', '大同區', '萬華區']
const VILLAGES = new Set(['天山里', '錦安里', '福興里'])

const address = (text: string, fallback: string | null = null) =>
  readAddress(text, fallback, () => VILLAGES, DISTRICTS)

describe('addresses', () => {
  test.each([
    ['「臺北市士林區天山里中山北路7段154巷6號4樓', '士林區中山北路7段154巷6號4樓'],
    ['台北市士林区天山里012鄰中山北路七段一五四巷六號四樓', '士林區中山北路7段154巷6號4樓'],
    ['106.0臺北市大安區金山南路二段146號3樓', '大安區金山南路2段146號3樓'],
    ['111臺北市士林區忠誠路二段53巷7號5樓', '士林區忠誠路2段53巷7號5樓'],
    ['臺北市大安區錦安里大安區錦安里和平東路一段129號', '大安區錦安里和平東路1段129號'],
    ['臺北市中正區八德路３段１２巷５１弄１６號１樓', '中正區八德路3段12巷51弄16號1樓'],
    ['臺北市大安區安東街31之1號', '大安區安東街31-1號'],
    ['臺北市土林區文昌路95號', '士林區文昌路95號'],
    ['臺北市大門區甘州街51號4F', '大同區甘州街51號4樓'],
  ])('%s', (text, key) => {
    expect(address(text).key).toBe(key)
  })

  test('a district from its own column, with and without 區', () => {
    expect(address('南京西路二十一號', '大同區')).toMatchObject({
      key: '大同區南京西路21號',
      district: '大同區',
    })
    expect(districtsServed('大安、中正', DISTRICTS)).toEqual(['大安區', '中正區'])
    expect(districtsServed('臺北市全區(到宅沐浴車)', DISTRICTS)).toEqual(DISTRICTS)
    expect(districtsServed('未特約', DISTRICTS)).toBeNull()
  })

  test('an address of another city has no district', () => {
    expect(address('新北市板橋區文化路1段189號7樓')).toMatchObject({ district: null, elsewhere: true })
  })

  test('the door leaves out the floor', () => {
    expect(address('臺北市大安區瑞安街75號3樓').door).toBe('大安區瑞安街75號')
  })
})

test('organizations and sectors', () => {
  expect(organizationOf('財團法人恆安社會福利慈善事業基金會【1】')).toBe('財團法人恆安社會福利慈善事業基金會')
  expect(organizationOf('逸居股份有限公司附設臺北市私立幸福時光居家長照機構')).toBe('逸居股份有限公司')
  expect(organizationOf('臺北市立聯合醫院附設陽明護理之家')).toBe('臺北市立聯合醫院')
  expect(organizationOf('臺北市政府社會局委託財團法人伊甸社會福利基金會經營管理民生身障社區長照機構')).toBe(
    '臺北市政府社會局',
  )
  expect(sectorOf('臺北市政府社會局委託財團法人伊甸社會福利基金會經營管理民生身障社區長照機構')).toBe(
    'government',
  )
  expect(sectorOf('臺北市至善老人安養護中心', '公設民營')).toBe('government')
  expect(sectorOf('臺北市萬華區壽德里辦公處')).toBe('government')
  expect(sectorOf('財團法人台北市立心慈善基金會')).toBe('ngo')
  expect(sectorOf('臺北市士林區天和社區發展協會')).toBe('ngo')
  expect(sectorOf('逸居股份有限公司附設臺北市私立幸福時光居家長照機構')).toBe('market')
  expect(sectorOf('安郁藥局')).toBe('market')
})

test('nested village lists', () => {
  const known = new Set(['臥龍里', '芳和里', '古莊里', '龍坡里', '木新里', '九如里'])
  expect(villagesServed('臥龍次分區(臥龍里、芳和里)、和平次分區(古莊里、龍坡里)', known)).toEqual({
    names: ['臥龍里', '芳和里', '古莊里', '龍坡里'],
    excluded: [],
    open: [],
    unknown: [],
  })
  expect(villagesServed('木柵次分區(排除木新里)、萬芳次分區、和平次分區(古莊里)', known)).toEqual({
    names: ['古莊里'],
    excluded: ['木新里'],
    open: ['木柵', '萬芳'],
    unknown: [],
  })
  expect(villagesServed('中研次分區(九如里1(研究院路二段以前、凌雲里))', known)).toMatchObject({
    names: ['九如里'],
    unknown: ['凌雲里'],
  })
})

test.each([
  ['周一至周五全日', 10],
  ['周二、三、五全日', 6],
  ['周二至五上午,周一至周五下午', 9],
  ['週一、三、四全日', 6],
  ['周一至週五上午', 5],
  ['', 0],
])('half-days of %s', (text, expected) => {
  expect(halfDays(text)).toBe(expected)
})

describe('tables', () => {
  test('a byte order mark, a quoted line break in the header and in a cell', () => {
    const table = readTable('\uFEFFa,"b\n(c)"\r\n1,"x\ny"\r\n2,z\r\n')
    expect(table.columns).toEqual(['a', 'b\n(c)'])
    expect(table.rows.map(({ line, values }) => [line, values['b\n(c)']])).toEqual([
      [3, 'x\ny'],
      [5, 'z'],
    ])
    expect(table.faults).toEqual([])
  })

  test('tabs behind a name that ends in .csv', () => {
    expect(readTable('a\tb\n1,5\t2\n').rows[0]!.values).toEqual({ a: '1,5', b: '2' })
  })

  test('two rows that each forgot a quote are two faults', () => {
    const { rows, faults } = readTable('a,b\n"1,2\n"3,4\n5,6\n')
    expect(faults.map((fault) => fault.line)).toEqual([2, 3])
    expect(rows.map((row) => row.line)).toEqual([4])
  })
})
