/**
 * Asks the Python extension, where there is one, which interpreter is selected.
 *
 * The selection can come from the workspace, so an untrusted workspace is never asked.
 */
import * as vscode from 'vscode';

/** The part of the Python extension's public API that is used here. */
interface PythonApi {
  environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { path: string };
    resolveEnvironment(environment: { path: string }): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
  };
}

export async function selectedInterpreter(output: vscode.LogOutputChannel): Promise<string | undefined> {
  if (!vscode.workspace.isTrusted) return undefined;
  const extension = vscode.extensions.getExtension<PythonApi>('ms-python.python');
  if (!extension) return undefined;
  try {
    const { environments } = extension.isActive ? extension.exports : await extension.activate();
    if (!environments) return undefined;
    const selected = environments.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri);
    return (await environments.resolveEnvironment(selected))?.executable.uri?.fsPath;
  } catch (error) {
    // Another extension's failure is no reason to stop; the remaining places have been tried already.
    output.info(`The Python extension did not name an interpreter: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
