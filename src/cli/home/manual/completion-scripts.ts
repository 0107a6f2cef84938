/**
 * Writes the completions of three shells from the table of commands: pure. An option that takes one of a few values offers these;
 * one that takes a file offers files; a scenario or a lab is offered where one is an operand.
 */
import type { OptionRow } from '../../command.ts';
import type { CommandNode } from './command-tree.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** What may stand as an operand, by the words of the command. */
export type OperandNames = Readonly<Record<string, readonly string[]>>;

const writers: Readonly<Record<Shell, (nodes: readonly CommandNode[], operands: OperandNames) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

export function completionScript(
  shell: Shell,
  nodes: readonly CommandNode[],
  operands: OperandNames,
): string {
  return writers[shell](nodes, operands);
}

/** The words by which the program is started. */
const programs = 'wirelab ./wirelab';

/** As it is typed: `--mode`, `-w`. */
const spelled = (name: string, { short }: OptionRow): readonly string[] => [
  `${name.length === 1 ? '-' : '--'}${name}`,
  ...(short ? [`-${short}`] : []),
];

/** The value is the name of a file or a folder. */
const isPath = ({ value = '' }: OptionRow): boolean => /FILE|FOLDER|PREFIX|CERT|KEY$/.test(value);

const top = (nodes: readonly CommandNode[]): readonly CommandNode[] =>
  nodes.filter(({ words }) => words.length === 1);

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

function bashScript(nodes: readonly CommandNode[], operands: OperandNames): string {
  const cases = nodes.flatMap(({ words, options, actions }) => {
    const rows = Object.entries(options);
    const values = rows.flatMap(([name, row]) => {
      if (row.value === undefined) return [];
      const pattern = spelled(name, row).join('|');
      const offer = row.choices
        ? `COMPREPLY=($(compgen -W ${quoted(row.choices.join(' '))} -- "$cur"))`
        : isPath(row)
          ? 'COMPREPLY=($(compgen -f -- "$cur"))'
          : 'COMPREPLY=()';
      return [`        ${pattern}) ${offer}; return ;;`];
    });
    const names = rows.flatMap(([name, row]) => spelled(name, row)).join(' ');
    const offered = actions.length > 0 ? actions : (operands[words.join(' ')] ?? []);
    return [
      `    ${quoted(words.join(' '))})`,
      ...(values.length > 0 ? ['      case $prev in', ...values, '      esac'] : []),
      `      names=${quoted(names)}`,
      `      words=${quoted(offered.join(' '))}`,
      '      ;;',
    ];
  });
  const withActions = top(nodes).filter(({ actions }) => actions.length > 0);
  return `# bash completion of wirelab. Load it with: source <(wirelab completion bash)
_wirelab() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} at key='' names='' words='' word
  # --option=value is three words to bash.
  if [ "$cur" = = ]; then cur=''; elif [ "$prev" = = ]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    case $word in -*) continue ;; esac
    case $key in
      '') key=$word ;;
      ${withActions.map(({ words }) => words[0]).join('|')}) key="$key $word"; break ;;
      *) break ;;
    esac
  done
  COMPREPLY=()
  case $key in
    '')
      names=${quoted('--help --version --lang')}
      words=${quoted([...top(nodes).map(({ words }) => words[0] ?? ''), 'help'].join(' '))}
      ;;
    help) words=${quoted(
      top(nodes)
        .map(({ words }) => words[0] ?? '')
        .join(' '),
    )} ;;
${cases.join('\n')}
  esac
  case $cur in
    -*) COMPREPLY=($(compgen -W "$names" -- "$cur")) ;;
    *) if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$cur")); fi ;;
  esac
}
complete -o bashdefault -o default -F _wirelab ${programs}
`;
}

/** In the specifications of zsh, brackets and colons have a meaning. */
const zshText = (text: string): string => text.replaceAll(/([[\]:\\])/g, String.raw`\$1`);

function zshScript(nodes: readonly CommandNode[], operands: OperandNames): string {
  const specs = ({ words, options }: CommandNode): string[] => [
    ...Object.entries(options).flatMap(([name, row]) =>
      spelled(name, row).map((written) => {
        const many = row.many ? '*' : '';
        const value =
          row.value === undefined
            ? ''
            : `:${zshText(row.value)}:${row.choices ? `(${row.choices.join(' ')})` : isPath(row) ? '_files' : ' '}`;
        return quoted(`${many}${written}[${zshText(row.help.en)}]${value}`);
      }),
    ),
    quoted(
      `*:operand:${operands[words.join(' ')] ? `(${operands[words.join(' ')]?.join(' ') ?? ''})` : '_files'}`,
    ),
  ];
  const described = (list: readonly CommandNode[]): string =>
    list
      .map(({ words, command }) => quoted(`${words.at(-1) ?? ''}:${zshText(command.summary.en)}`))
      .join(' ');
  const branch = (node: CommandNode): string => {
    const own = nodes.filter(({ words }) => words.length === 2 && words[0] === node.words[0]);
    const [name = ''] = node.words;
    if (own.length === 0) return `    ${name}) _arguments ${specs(node).join(' ')} ;;`;
    const inner = own.map(
      (action) =>
        `        ${action.words[1] ?? ''}) shift words; (( CURRENT-- )); _arguments ${specs(action).join(' ')} ;;`,
    );
    return [
      `    ${name})`,
      `      if (( CURRENT == 2 )); then local -a actions=(${described(own)}); _describe action actions; return; fi`,
      '      case $words[2] in',
      ...inner,
      '      esac ;;',
    ].join('\n');
  };
  return `#compdef ${programs}
# zsh completion of wirelab. Save it as _wirelab in a folder of $fpath, or: source <(wirelab completion zsh)
_wirelab() {
  if (( CURRENT == 2 )); then
    local -a commands=(${described(top(nodes))} 'help:show the help of a command')
    _describe command commands
    return
  fi
  shift words; (( CURRENT-- ))
  case $words[1] in
${top(nodes).map(branch).join('\n')}
  esac
}
if [ "$funcstack[1]" = _wirelab ]; then _wirelab "$@"; else compdef _wirelab ${programs}; fi
`;
}

function fishScript(nodes: readonly CommandNode[], operands: OperandNames): string {
  const lines: string[] = [];
  const add = (condition: string, more: string): void =>
    void lines.push(`complete -c wirelab -n ${quoted(condition)} ${more}`);
  const names = top(nodes).map(({ words }) => words[0] ?? '');
  for (const { words, command } of top(nodes))
    add('__fish_use_subcommand', `-f -a ${words[0] ?? ''} -d ${quoted(command.summary.en)}`);
  add('__fish_use_subcommand', `-f -a help -d 'show the help of a command'`);
  add('__fish_seen_subcommand_from help', `-f -a ${quoted(names.join(' '))}`);
  for (const { words, options, actions } of nodes) {
    const [name = '', action] = words;
    const seen = `__fish_seen_subcommand_from ${name}`;
    if (actions.length > 0) {
      const own = nodes.filter((node) => node.words.length === 2 && node.words[0] === name);
      for (const node of own)
        add(
          `${seen}; and not __fish_seen_subcommand_from ${actions.join(' ')}`,
          `-f -a ${node.words[1] ?? ''} -d ${quoted(node.command.summary.en)}`,
        );
      continue;
    }
    const condition = action === undefined ? seen : `${seen}; and __fish_seen_subcommand_from ${action}`;
    const offered = operands[words.join(' ')];
    if (offered) add(condition, `-f -a ${quoted(offered.join(' '))}`);
    for (const [option, row] of Object.entries(options)) {
      const written =
        option.length === 1 ? `-s ${option}` : `-l ${option}${row.short ? ` -s ${row.short}` : ''}`;
      const value =
        row.value === undefined
          ? ''
          : row.choices
            ? ` -x -a ${quoted(row.choices.join(' '))}`
            : isPath(row)
              ? ' -r -F'
              : ' -x';
      add(condition, `${written}${value} -d ${quoted(row.help.en)}`);
    }
  }
  return `# fish completion of wirelab. Save it as ~/.config/fish/completions/wirelab.fish, or: wirelab completion fish | source
${lines.join('\n')}
`;
}
