/** Every command with its options, and every action of one, in a row: what completions and the manual page are made from. */
import type { CommandTable, CommandWords, OptionTable } from '../../command.ts';
import { commonOptions } from '../../command.ts';

export interface CommandNode {
  /** One word, or two for an action. */
  readonly words: readonly string[];
  readonly command: CommandWords;
  /** Its own and the common ones; none where the options belong to actions. */
  readonly options: OptionTable;
  /** The names of its actions, if it has any. */
  readonly actions: readonly string[];
}

export async function commandTree(table: CommandTable): Promise<readonly CommandNode[]> {
  const nodes = await Promise.all(
    Object.entries(table).map(async ([name, load]): Promise<CommandNode[]> => {
      const command = await load();
      const own = { words: [name], command, options: { ...command.options, ...commonOptions } };
      if (!command.actions) return [{ ...own, actions: [] }];
      const actions = await Promise.all(
        Object.entries(command.actions).map(async ([action, loadAction]): Promise<CommandNode> => {
          const { options, ...rest } = await loadAction();
          const all = { ...options, ...commonOptions };
          return { words: [name, action], command: { ...rest, options }, options: all, actions: [] };
        }),
      );
      return [{ ...own, actions: Object.keys(command.actions) }, ...actions];
    }),
  );
  return nodes.flat();
}
