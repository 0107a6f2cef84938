/** Bounds for a YAML text of a stranger, before it is composed. */
type Yaml = typeof import('yaml');

/** Collections in each other, and entries of one: an ordinary kubeconfig has some eight, and as many entries as clusters. */
const deepest = 100;
const longest = 1000;
/** Words, marks, spaces and line breaks; a thousand clusters with their users take some hundred thousand. */
const most = 200_000;

/** A text of YAML that would take its reader too long, or too deep. */
export class EndlessYaml extends Error {
  /** How far it was read. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Composing a document recurses, and near the end of the stack V8 may end the process instead of throwing; it compares
 * every key of a map with every other. What the parser holds open is known before.
 * @throws EndlessYaml
 */
export function refuseEndless(text: string, { Lexer, Parser }: Yaml): void {
  const parser = new Parser();
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (++count > most) throw new EndlessYaml(`more than ${most} words and marks`, parser.offset);
    void [...parser.next(lexeme)];
    if (parser.stack.length > deepest)
      throw new EndlessYaml(`nested more than ${deepest} deep`, parser.offset);
    const innermost = parser.stack.at(-1);
    if (innermost && 'items' in innermost && innermost.items.length > longest)
      throw new EndlessYaml(`more than ${longest} entries in one list or map`, parser.offset);
  }
}
