/** Collects every Korean text of the project: the Markdown of scenarios and labs, and the literals of the sources. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { SyntaxKind } from 'typescript/unstable/ast';
import type { Node, SourceFile } from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';

export const root = resolve(import.meta.dirname, '../../..');

export interface KoreanText {
  /** The path in the project. */
  readonly file: string;
  readonly line: number;
  /** One line of Markdown, or one literal; `${…}` in a template stands as it is in the source. */
  readonly text: string;
}

const hasKorean = /[가-힣]/;

function filesUnder(folder: string, fits: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => fits.test(name))
    .map((name) => join(folder, name))
    .toSorted();
}

/** Lines with Hangul of the Markdown for learners and instructors. */
export function koreanMarkdown(): KoreanText[] {
  return ['scenarios', 'labs']
    .flatMap((folder) => filesUnder(folder, /(?:^|\/|\.)ko\.md$/))
    .flatMap((file) =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .map((text, index) => ({ file, line: index + 1, text }))
        .filter(({ text }) => hasKorean.test(text)),
    );
}

/** The program, and the script of its page. */
const projects = ['tsconfig.json', 'src/ui/html/client/tsconfig.json'];

/** String and template literals with Hangul in the sources. */
export function koreanLiterals(): KoreanText[] {
  const api = new API({ cwd: root });
  try {
    const sources = projects.map((file) => {
      const [project] = api
        .updateSnapshot({ openProject: join(root, file) })
        .getProjects()
        .filter(({ configFileName }) => configFileName === join(root, file));
      if (!project) throw new Error(`${file} names no project`);
      return project.program;
    });
    return filesUnder('src', /\.ts$/)
      .filter((file) => hasKorean.test(readFileSync(join(root, file), 'utf8')))
      .flatMap((file) => {
        const [source] = sources.flatMap((program) => program.getSourceFile(join(root, file)) ?? []);
        if (!source) throw new Error(`${file} is not in the project`);
        return literalsIn(source);
      });
  } finally {
    api.close();
  }
}

function literalsIn(source: SourceFile): KoreanText[] {
  const found: KoreanText[] = [];
  const visit = (node: Node): void => {
    if (isLiteral(node)) {
      const start = node.getStart(source);
      const text = source.text.slice(start + 1, node.end - 1);
      if (hasKorean.test(text))
        found.push({
          file: relative(root, source.fileName),
          line: source.text.slice(0, start).split('\n').length,
          text,
        });
    }
    node.forEachChild(visit);
  };
  source.forEachChild(visit);
  return found;
}

function isLiteral({ kind }: Node): boolean {
  return (
    kind === SyntaxKind.StringLiteral ||
    kind === SyntaxKind.NoSubstitutionTemplateLiteral ||
    kind === SyntaxKind.TemplateExpression
  );
}
