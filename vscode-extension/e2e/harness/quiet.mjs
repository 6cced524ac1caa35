// Settings under which VS Code does nothing that a test did not ask for, and keys for what has none.

export const settings = {
  'workbench.startupEditor': 'none',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.commandCenter.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'update.showReleaseNotes': false,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'git.autofetch': false,
  'npm.fetchOnlinePackageInfo': false,
  'json.schemaDownload.enable': false,
  'typescript.disableAutomaticTypeAcquisition': true,
  'files.autoSave': 'off', // as on the desktop; the browser's own default is afterDelay
  'files.hotExit': 'off',
  'window.confirmBeforeClose': 'never',
  'editor.minimap.enabled': false,
  'editor.accessibilitySupport': 'off',
  'editor.inlineSuggest.enabled': true,
  'editor.wordBasedSuggestions': 'off', // the list of words hides ghost text that does not fit its entry
};

export const TRIGGER = 'Control+Alt+Shift+F9';

export const keybindings = [
  { key: 'ctrl+alt+shift+f9', command: 'editor.action.inlineSuggest.trigger' },
];
