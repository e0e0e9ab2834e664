// The output binding that Shiny's manual describes, for plotly.js.
class ChartBinding extends Shiny.OutputBinding {
  find(scope) {
    return scope.find(".chart-output");
  }
  renderValue(element, figure) {
    return Plotly.react(element, figure.data, figure.layout, figure.config);
  }
}
Shiny.outputBindings.register(new ChartBinding(), "chart-output");
