/**
 * Eligibility rules as data: all/any/not over comparisons of typed facts, in Kleene's three-valued
 * logic, so that a fact nobody told us makes an answer `unknown`, never silently false.
 */

/** Facts a rule may ask about. A fact without consent is absent, hence `unknown`. */
export interface Facts {
  age?: number
  careLevel?: number
  incomeClass?: string
  mobility?: string
  livesAlone?: boolean
}

export type FactName = keyof Facts

export type Comparison =
  | { fact: FactName; op: 'eq' | 'ne'; value: string | number | boolean }
  | { fact: FactName; op: 'lt' | 'lte' | 'gt' | 'gte'; value: number }
  | { fact: FactName; op: 'in'; value: (string | number)[] }

export type Rule = Comparison | { all: Rule[] } | { any: Rule[] } | { not: Rule }
