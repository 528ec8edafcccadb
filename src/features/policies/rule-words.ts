/** The words in which rules are said, language by language. */
export interface RuleWords {
  facts: Record<string, string>
  /** Between a fact and a value. */
  ops: Record<'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte' | 'in', string>
  and: string
  or: string
  /** Around what is excluded, `…` standing for it; also brackets. */
  not: string
  brackets: string
  livesAlone: string
  livesWithOthers: string
  /** Values as people say them; others are said as they are. */
  values: Record<string, string>
  /** Between the words of a comparison, and at the end of a sentence. */
  space: string
  stop: string
}

export const RULE_WORDS = {
  en: {
    facts: { age: 'age', careLevel: 'care level', incomeClass: 'income class', mobility: 'mobility' },
    ops: {
      eq: 'is',
      ne: 'is not',
      lt: 'is less than',
      lte: 'is at most',
      gt: 'is more than',
      gte: 'is at least',
      in: 'is',
    },
    and: ' and ',
    or: ' or ',
    not: 'not (…)',
    brackets: '(…)',
    livesAlone: 'lives alone',
    livesWithOthers: 'does not live alone',
    values: {},
    space: ' ',
    stop: '.',
  },
  'zh-Hant': {
    facts: { age: '年齡', careLevel: '照顧等級', incomeClass: '收入類別', mobility: '行動能力' },
    ops: { eq: '為', ne: '不為', lt: '小於', lte: '至多', gt: '大於', gte: '至少', in: '為' },
    and: '且',
    or: '或',
    not: '並非（…）',
    brackets: '（…）',
    livesAlone: '獨居',
    livesWithOthers: '非獨居',
    values: {
      low: '低收入',
      lower_middle: '中低收入',
      general: '一般戶',
      independent: '行動自如',
      slow: '行走緩慢',
      homebound: '無法外出',
    },
    space: '',
    stop: '。',
  },
  'zh-Hans': {
    facts: { age: '年龄', careLevel: '照护等级', incomeClass: '收入类别', mobility: '行动能力' },
    ops: { eq: '为', ne: '不为', lt: '小于', lte: '至多', gt: '大于', gte: '至少', in: '为' },
    and: '且',
    or: '或',
    not: '并非（…）',
    brackets: '（…）',
    livesAlone: '独居',
    livesWithOthers: '非独居',
    values: {
      low: '低收入',
      lower_middle: '中低收入',
      general: '一般户',
      independent: '行动自如',
      slow: '行走缓慢',
      homebound: '无法外出',
    },
    space: '',
    stop: '。',
  },
} as const satisfies Record<string, RuleWords>

export type RuleLanguage = keyof typeof RULE_WORDS
